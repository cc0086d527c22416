/// The options of a program that works for a configuration, in the foreground or as processes in the background.
public protocol ConfiguredOptions: Sendable {
    /// All options of the program.
    static var table: OptionTable { get }
    /// Reads arguments (without the program's name), the configuration and the accounts.
    static func load(arguments: [String], environment: [String: String]) throws(ConfigError) -> Launch<Self>
    /// Log, waiting, TLS.
    var common: CommonOptions { get }
    /// What is to be done with the configuration.
    var action: Action { get }
    /// Processes that share the work.
    var instances: Int { get }
    /// Options that a running process keeps as it was started with, by name, in words.
    var fixed: [String: String] { get }
    /// It only looks on, and is not what `status` tells of.
    var isLook: Bool { get }
    /// What `status` says beside the processes; whole lines, or nothing.
    var statusText: String { get }
}

extension ConfiguredOptions {
    /// A running process takes over everything.
    public var fixed: [String: String] { [:] }
    /// It works.
    public var isLook: Bool { false }
    /// Nothing more is said.
    public var statusText: String { "" }
}

extension SaraOptions: ConfiguredOptions {
    /// What is followed on threads beside the main one is followed from the start.
    public var fixed: [String: String] {
        var fixed = inFlight.map { ["in_flight": "\($0.size)", "next_hop": $0.hops.joined(separator: " ")] } ?? [:]
        guard let link = routing.link else { return fixed }
        (fixed["link"], fixed["cluster"], fixed["cluster_aliases"]) = (
            link, outlet.cluster, outlet.aliases.joined(separator: ",")
        )
        let groups = routing.groups.sorted { $0.key < $1.key }
        fixed["cluster_group"] = groups.map { "\($0.key) \($0.value.joined(separator: ","))" }.joined(separator: "; ")
        return fixed
    }

    /// Unfinished files, and the disk that sources occupy.
    public var statusText: String {
        IncompleteFile.report(below: [documentRoot], lock: placement.lock) + OccupiedReport.text(self)
    }
}

extension SubscribeOptions: ConfiguredOptions {
    /// The command line asks for a look, or names no configuration.
    public var isLook: Bool { look != nil || isRemote }

    /// The walk of what exists is made once.
    public var fixed: [String: String] { ["existing": existing ?? "off"] }

    /// Unfinished files.
    public var statusText: String { IncompleteFile.report(below: roots, lock: placement.lock) }
}

extension WinnowOptions: ConfiguredOptions {}

extension SenderOptions: ConfiguredOptions {
    /// Nothing is sent.
    public var isLook: Bool { explanation.isOn }
}

extension WatchOptions: ConfiguredOptions {
    /// One: two would announce everything twice.
    public var instances: Int { 1 }
}

extension PollOptions: ConfiguredOptions {
    /// One: two would announce everything twice.
    public var instances: Int { 1 }
}
