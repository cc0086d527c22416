/// What `dd_switch status` writes.
public enum ServiceTable {
    /// A table for people, `width` columns wide.
    public static func text(_ statuses: [ServiceStatus], width: Int) -> String {
        guard !statuses.isEmpty else { return "no configurations\n" }
        let now = Timestamp.now().seconds
        let heads = ["NAME", "STATE", "PROC", "QUEUE", "LAG", "MSG/MIN", "BYTES/MIN", "FAILED", "RETRY", "LAST"]
        let rows = [heads] + statuses.map { row($0, now) }
        let widths = heads.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var text = ""
        for (number, row) in rows.enumerated() {
            let cells = row.enumerated().map { column, cell in
                // Words to the left, numbers to the right.
                let gap = String(repeating: " ", count: widths[column] - cell.count)
                return column < 2 || column == heads.count - 1 ? cell + gap : gap + cell
            }
            text += cut(cells.joined(separator: "  "), width) + "\n"
            guard number > 0, !statuses[number - 1].why.isEmpty else { continue }
            text += cut("    \(LogLine.plain(statuses[number - 1].why))", width) + "\n"
        }
        return text
    }

    private static func row(_ status: ServiceStatus, _ now: Int64) -> [String] {
        let (running, wanted) = status.processes
        let head = [LogLine.plain(status.service.title), status.state.rawValue, wanted == 0 ? "-" : "\(running)/\(wanted)"]
        guard let figures = status.figures else { return head + Array(repeating: "-", count: 6) + [""] }
        let last = figures.last.map { "\(age(now - $0.at)) ago \(LogLine.plain($0.path))" }
        return head + [
            figures.queued.map { "\($0)" } ?? "-", figures.lag.map { "\(String(seconds: $0)) s" } ?? "-",
            "\(max(figures.minute.received, figures.minute.done))", Progress.amount(figures.minute.bytes),
            "\(figures.total.failed)",
            "\(figures.waiting)", last ?? "",
        ]
    }

    private static func age(_ seconds: Int64) -> String {
        switch max(0, seconds) {
        case ..<120: "\(max(0, seconds)) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) d"
        }
    }

    private static func cut(_ line: String, _ width: Int) -> String {
        var line = line
        while line.hasSuffix(" ") { line.removeLast() }
        return line.count <= width ? line : line.prefix(max(1, width - 1)) + "…"
    }

    /// One object on a line for each configuration: see dd_switch(8).
    public static func json(_ statuses: [ServiceStatus]) -> String {
        statuses.map { status in
            var members = [
                JSONMember("name", .string(status.service.title)), JSONMember("state", .string(status.state.rawValue)),
                JSONMember("why", .string(status.why)),
                JSONMember("path", status.service.path.map { .string($0) } ?? .null),
                JSONMember("processes", .integer(Int64(status.processes.running))),
                JSONMember("wanted", .integer(Int64(status.processes.wanted))),
            ]
            if let figures = status.figures { members.append(JSONMember("figures", figures.json)) }
            return JSONValue.object(members).text + "\n"
        }.joined()
    }
}
