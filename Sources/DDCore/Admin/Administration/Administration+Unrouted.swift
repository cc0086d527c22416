extension Administration {
    /// `unrouted`: the oldest reports that had no way to a source, one line each, and how many there are by reason; with `clear` all of them
    /// are forgotten.
    public func unrouted(_ action: String?) throws {
        guard let count = try api.messages(in: layout.unrouted) else {
            throw ConfigError(.configuration, "there is no queue \(layout.unrouted): run dd_switch init")
        }
        switch action {
        case nil: try show(count)
        case "clear":
            try audited("unrouted clear") {
                guard count > 0 else { return tell("nothing is kept there") }
                let what = "\(count) reports that had no way to a source, or posts no way on"
                try change("- \(what)") { try api.purge(layout.unrouted) }
            }
        default: throw ConfigError(.usage, "unrouted: '\(LogLine.plain(action ?? ""))' is unknown, clear is expected")
        }
    }

    private func show(_ count: Int64) throws {
        var reasons: [String: Int] = [:]
        for message in try api.peek(layout.unrouted, count: Self.shown) {
            let headers = message["properties"]?["headers"]
            let reason = LogLine.plain(headers?[Report.reasonHeader]?.string ?? "the exchange of its source is not there")
            reasons[reason, default: 0] += 1
            tell("\(reason): \(LogLine.plain(message["payload"]?.string ?? ""))")
        }
        for (reason, count) in reasons.sorted(by: { ($0.value, $1.key) > ($1.value, $0.key) }) { tell("\(count) \(reason)") }
        if count > Self.shown { tell("these are the oldest of \(count)") }
    }

    /// Reports shown at most.
    private static let shown: Int64 = 1000
}
