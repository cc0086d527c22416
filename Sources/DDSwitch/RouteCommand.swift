import DDCore

/// `dd_switch route explain CLUSTER|FILE`: which way posts for a cluster go, or where one file was to go and where it is.
enum RouteCommand {
    /// Explains what `target` names: a file when there is a `/` in it. The exit status: `failed` when something it was for is not reached.
    static func explain(_ target: String, _ administration: Administration, _ options: SwitchOptions) throws -> Int32 {
        guard target.contains("/") else { return try administration.explainRoute(target) ? ExitStatus.done : ExitStatus.failed }
        let owner = try owner(of: target, administration, options)
        guard let isReached = try tell(owner, administration, options) else {
            options.common.log.error("no report about \(owner.path) of \(owner.source) is kept here")
            return ExitStatus.failed
        }
        return isReached ? ExitStatus.done : ExitStatus.failed
    }

    /// Shows how far a file of a source came, and the way to each cluster that it was for. Whether there is a way to all of them; `nil` when nothing
    /// is known of it.
    static func tell(
        _ owner: (source: String, path: String), _ administration: Administration, _ options: SwitchOptions
    ) throws -> Bool? {
        guard let broker = options.broker, !broker.password.isEmpty else {
            throw ConfigError(
                .configuration, "to explain a file 'broker' with the switch's account is needed, its password in credentials.conf"
            )
        }
        var reports: [Report] = []
        let log = options.common.log
        let intake = LogIntake(ReportSelection(about: owner.path), log: log) { reports.append($0) }
        let settings = PumpSettings(reportsKeptFor: owner.source, on: BrokerSettings(broker, options.common))
        _ = try Pump(settings, intake: intake, stop: try StopSignal.install(reloads: false), log: log).run()
        // Of several announcements the last one counts.
        guard let time = reports.map(\.post.time).max() else { return nil }
        reports.removeAll { $0.post.time != time }
        _ = Program.printed(ReportText.trace(reports))
        let first = reports.first { $0.post.via.isEmpty } ?? reports[0]
        let readers = first.post.toUsers.compactMap(Recipient.init).map(\.cluster)
        let clusters = first.post.toClusters.isEmpty ? Set(readers).sorted() : first.post.toClusters
        if clusters.isEmpty { _ = Program.printed("it was for the consumers of this switch\n") }
        var all = true
        for cluster in clusters where cluster != "ALL" { all = try administration.explainRoute(cluster) && all }
        if clusters.contains("ALL") { try administration.listRoutes(json: false) }
        return all
    }

    /// Whose file it is, and what its source calls it: what is behind the source's name of its path below the document root.
    static func owner(
        of target: String, _ administration: Administration, _ options: SwitchOptions
    ) throws -> (source: String, path: String) {
        var path = target
        if let root = options.documentRoot, path.hasPrefix(root.hasSuffix("/") ? root : root + "/") {
            path = String(path.dropFirst(root.count))
        }
        path = String(path.drop { $0 == "/" })
        let parts = path.split(separator: "/", maxSplits: 2).map(String.init)
        let names = try administration.names()
        if parts.count == 3, names.contains(parts[1]) { return (parts[1], parts[2]) }
        if parts.count >= 2, names.contains(parts[0]) { return (parts[0], String(path.dropFirst(parts[0].count + 1))) }
        let remote = parts.prefix(2).first { $0.contains("@") }
        throw ConfigError(
            .usage,
            remote.map {
                "\(target) is of \($0): what became of it is told there (dd_log --trace, or dd_switch route explain at that switch)"
            }
                ?? "whose file \(target) is cannot be seen: YYYYMMDD/SOURCE/PATH or SOURCE/PATH is expected, with a user of this switch"
        )
    }
}
