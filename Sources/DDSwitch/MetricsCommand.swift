import DDCore

/// `dd_switch metrics`: the figures of all configurations for Prometheus.
enum MetricsCommand {
    /// Runs the command in the words behind it; the exit status.
    static func run(_ words: [String]) -> Int32 {
        Program.run("dd_switch") { _, environment in
            switch try MetricsOptions.load(words, environment: environment) {
            case .help(let text): return Program.printed(text)
            case .version: return Program.printed("dd_switch \(Program.version)\n")
            case .run(let options): return try run(options)
            }
        }
    }

    private static func run(_ options: MetricsOptions) throws -> Int32 {
        let text = {
            let list = try ServiceList(options.paths)
            return ServiceMetrics.text(list.statuses(list.services, ServiceStatus.Thresholds()))
        }
        if let folder = options.folder { try SmallFile.write(text(), to: folder + "/dd.prom") }
        guard let port = options.port else { return options.folder == nil ? Program.printed(try text()) : ExitStatus.done }
        let stop = try StopSignal.install(reloads: false)
        try MetricsServer(port: port, log: Log(program: "dd_switch"), make: text).run(until: stop)
        return ExitStatus.done
    }
}
