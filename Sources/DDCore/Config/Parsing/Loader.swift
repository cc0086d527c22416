import Glibc

/// The steps from arguments to settings that all programs share.
struct Loader {
    let table: OptionTable
    let commandLine: ParsedCommandLine
    let environment: [String: String]
    let paths: ConfigPaths

    /// Takes the arguments apart.
    init(_ table: OptionTable, _ arguments: [String], _ environment: [String: String]) throws(ConfigError) {
        self.table = table
        self.environment = environment
        commandLine = try CommandLineParser(table).parse(arguments)
        paths = ConfigPaths(environment: environment)
    }

    /// What is loaded: settings, expanded and checked, and the accounts.
    struct Loaded {
        let settings: Settings
        let credentials: Credentials
        let configuration: String?
        /// Where its state is kept; `nil` when there is none.
        let stateName: StateName?
        let stateHome: String
        let environment: [String: String]
    }

    /// Runs `make` unless help or the version is asked for.
    func launch<Options>(_ make: () throws(ConfigError) -> Options) throws(ConfigError) -> Launch<Options> {
        if commandLine.wantsHelp { return .help(table.help) }
        if commandLine.wantsVersion { return .version }
        return .run(try make())
    }

    /// The settings with the configuration called `text` (none when `nil`); `also` is put before those of the command line.
    func load(configuration text: String?, also: [Setting] = []) throws(ConfigError) -> Loaded {
        let includes = Includes(stateHome: paths.stateHome)
        var layers: [[Setting]] = []
        if let path = paths.defaultFile {
            layers.append(try OptionFile(table, foreign: Loader.everyName, includes: includes).read(path))
        }
        var name: String?
        var stateName: StateName?
        if let text {
            stateName = paths.stateName(of: text, folder: table.folder)
            let configuration = try paths.configuration(text, folder: table.folder)
            layers.append(try OptionFile(table, foreign: neighbours, includes: includes).read(configuration.path))
            name = configuration.name
        }
        layers.append(also + commandLine.settings)
        let credentials = try Credentials(files: paths.credentialFiles, service: paths.serviceCredentials)
        var settings = Settings(table: table, layers: layers)
        let expansion = Expansion(
            environment: environment, hostname: Expansion.localHostname(), configuration: name, now: time(nil))
        try settings.expand(expansion, credentials: credentials)
        try settings.check()
        for name in ["subtopic", "source_topic"]
        where table.option(named: "topic_prefix") != nil && !also.contains(where: { $0.name == name }) {
            try settings.readTopicWords(name)
        }
        return Loaded(
            settings: settings, credentials: credentials, configuration: name, stateName: stateName,
            stateHome: paths.stateHome, environment: environment)
    }

    /// The commands of dd_switch share one file: what another of them knows is passed over.
    private var neighbours: Set<String> {
        guard table.program == "dd_switch" else { return [] }
        return Set([RoutingOptions.table, SwitchOptions.table].flatMap(\.options).filter(\.inFile).map(\.name))
    }

    /// What `--config` says, for programs whose operands are something else.
    var configOption: String? { commandLine.settings.last { $0.name == "config" }?.value }

    // default.conf is common to all programs: what another one knows is passed over.
    private static let everyName = Set(
        [
            PostOptions.table, PollOptions.table, WatchOptions.table, SenderOptions.table, SubscribeOptions.table,
            SaraOptions.table, LogOptions.table,
            RoutingOptions.table,
            SwitchOptions.table,
        ]
        .flatMap(\.options).flatMap { [$0.name] + $0.aliases })
}
