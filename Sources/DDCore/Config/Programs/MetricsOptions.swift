/// The settings of `dd_switch metrics`.
public struct MetricsOptions: Sendable {
    /// The port of 127.0.0.1 on which is answered; `nil`: none.
    public let port: UInt16?
    /// The folder for `dd.prom`; `nil`: none.
    public let folder: String?
    /// Where configurations and state are.
    public let paths: ConfigPaths

    /// The options of `dd_switch metrics`.
    public static let table = OptionTable(
        program: "dd_switch", synopses: ["metrics [options]"],
        options: [
            OptionSpec(
                "listen", [], .integer(1...65_535), value: "PORT", inFile: false,
                "answer GET /metrics on 127.0.0.1:PORT until a signal"),
            OptionSpec("textfile", [], .text, value: "DIR", inFile: false, "write DIR/dd.prom for the textfile collector, once"),
        ])

    /// Reads the words behind `metrics`.
    public static func load(_ words: [String], environment: [String: String]) throws(ConfigError) -> Launch<MetricsOptions> {
        let loader = try Loader(table, words, environment)
        return try loader.launch { () throws(ConfigError) in try MetricsOptions(loader) }
    }

    private init(_ loader: Loader) throws(ConfigError) {
        if let word = loader.commandLine.operands.first {
            throw ConfigError(.usage, "metrics takes no operand: '\(Redaction.masked(word))' is too many")
        }
        let settings = Settings(table: Self.table, layers: [loader.commandLine.settings])
        try settings.check()
        paths = loader.paths
        port = try settings.given("listen") == nil ? nil : UInt16(clamping: settings.integer("listen"))
        folder = settings.given("textfile")?.value
        if let folder, !SmallFile.isFolder(folder) { throw ConfigError(.usage, "--textfile \(folder) is no folder") }
    }
}
