import DDCore
import Glibc

/// `dd_switch explain PATH|URL`: where a file is in its way, and what it waits for.
enum ExplainCommand {
    static let usage = """
        usage: dd_switch explain PATH|URL

        What the programs of this machine have to do with a file: in hand, or waiting for another try, and why. For a file of a source of
        this switch (YYYYMMDD/SOURCE/PATH or SOURCE/PATH): who has got it, the ways to the others, and what its source waits for.
        """

    /// Runs the command in the words behind it; the exit status: `failed` when nothing is known of it.
    static func run(_ words: [String]) -> Int32 {
        if words.contains("--help") { return Program.printed(usage + "\n") }
        return Program.run("dd_switch") { _, environment in
            guard words.count == 1, let target = words.first, !target.isEmpty, !target.hasPrefix("-") else {
                throw ConfigError(.usage, "explain takes one path or URL; explain --help says more")
            }
            let isInHand = try tellWork(target, environment)
            var why = "nothing is known of \(target) here"
            let isTraced = try tellWay(target, environment, &why)
            guard !isInHand, !isTraced else { return ExitStatus.done }
            Log(program: "dd_switch").error(why)
            return ExitStatus.failed
        }
    }

    /// What running programs of this machine tell of it. Whether that is anything.
    private static func tellWork(_ target: String, _ environment: [String: String]) throws -> Bool {
        let list = try ServiceList(ConfigPaths(environment: environment))
        let path = "/" + target.drop { $0 == "/" }
        var isKnown = false
        for status in list.statuses(list.services, ServiceStatus.Thresholds()) {
            for work in status.figures?.work ?? [] where work.url == target || work.url.hasSuffix(path) {
                isKnown = true
                _ = Program.printed(LogLine.plain("\(status.service.title): \(work.words): \(work.url)") + "\n")
            }
        }
        return isKnown
    }

    /// What this switch knows, when the target is of one of its sources. Whether that is anything; `why` may say why not.
    private static func tellWay(_ target: String, _ environment: [String: String], _ why: inout String) throws -> Bool {
        let options: SwitchOptions
        do throws(ConfigError) {
            options = try SwitchOptions.load(configuration: nil, settings: [], environment: environment)
        } catch {
            // Whoever administers no switch asks for his own programs.
            guard error.description.contains("there is no configuration") else { throw error }
            return false
        }
        let administration = try Admin.administration(options, changes: false) { _ = Program.printed($0 + "\n") }
        var path = target
        if let url = options.url, path.hasPrefix(url) { path = String(path.dropFirst(url.count)) }
        guard path.contains("/"), !path.contains("://") else { return false }
        let owner: (source: String, path: String)
        do { owner = try RouteCommand.owner(of: path, administration, options) } catch let error as ConfigError {
            why = "\(error)"
            return false
        }
        try administration.explainSource(owner.source)
        return try RouteCommand.tell(owner, administration, options) != nil
    }
}

extension FlowFigures.Work {
    /// What becomes of it, for people.
    fileprivate var words: String {
        let age = max(0, Timestamp.now().seconds - since)
        guard let until else { return "in hand for \(age) s, try \(attempt + 1)" }
        let wait = max(0, until - Timestamp.now().seconds)
        return "waits \(wait) s for try \(attempt + 1), since \(age) s" + (why.map { ": \($0)" } ?? "")
    }
}
