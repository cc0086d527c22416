import Glibc

/// The configurations of this machine that programs of ours work for: those that lie in the ordinary places, and what runs besides.
public struct ServiceList {
    /// One of them.
    public struct Service: Sendable, Equatable {
        /// The folder of its program's configurations: `sara`, `subscribe`.
        public let component: String
        /// Its name, or where it lies in another folder the word of its state.
        public let name: String
        /// Its file; `nil`: it runs, and is in none of the ordinary places.
        public let path: String?

        /// `dd_sara`.
        public var program: String { "dd_" + component }
        /// `sara/ingest`.
        public var title: String { "\(component)/\(name)" }
    }

    /// The folders that are looked into, in the order in which things are started: what takes in before what hands out.
    static let components = ["sara", "winnow", "sender", "subscribe", "poll", "watch"]

    /// All, in the order of components and names.
    public let services: [Service]
    private let stateHome: String

    /// Looks in the places that `paths` say. A folder that cannot be read is an error, one that is not there has nothing in it.
    public init(_ paths: ConfigPaths) throws(FileError) {
        let stateHome = paths.stateHome
        self.stateHome = stateHome
        var services: [Service] = []
        for component in Self.components {
            var found: [String: String] = [:]
            for home in paths.configHomes {
                for name in try Self.names("\(home)/\(component)", ending: ".conf") where found[name] == nil {
                    found[name] = "\(home)/\(component)/\(name).conf"
                }
            }
            var own = found.map { Service(component: component, name: $0, path: $1) }
            let running = try Self.names("\(stateHome)/dd_\(component)", ending: ".pid").filter { name in
                found[name] == nil && PidFile.holder(of: "\(stateHome)/dd_\(component)/\(name).pid") != nil
                    && !Self.isInstance(name)
            }
            own += running.map { Service(component: component, name: $0, path: nil) }
            services += own.sorted { $0.name < $1.name }
        }
        self.services = services
    }

    /// `radar_1`: the file of a process, not of who keeps it running. A configuration may be called so; then its process is `radar_1_1`.
    private static func isInstance(_ name: String) -> Bool {
        name.split(separator: "_").last.map { !$0.isEmpty && $0.utf8.allSatisfy { 0x30..<0x3a ~= $0 } } ?? false
    }

    private static func names(_ folder: String, ending: String) throws(FileError) -> [String] {
        var names: [String] = []
        guard access(folder, F_OK) == 0 else {
            guard errno == ENOENT else { throw FileError("cannot look into \(folder)") }
            return []
        }
        let reader = try DirectoryReader(at: folder)
        while let name = try reader.nextText() {
            if name.hasSuffix(ending), name.utf8.count > ending.utf8.count { names.append(String(name.dropLast(ending.count))) }
        }
        return names
    }

    /// Those that `words` name: `sara/ingest`, `ingest`, or all of `sara`; all when there are none. Throws for a word that names nothing.
    public func named(_ words: [String]) throws(ConfigError) -> [Service] {
        guard !words.isEmpty else { return services }
        var wanted: Set<String> = []
        for word in words {
            let found = services.filter { $0.title == word || $0.name == word || $0.component == word }
            guard !found.isEmpty else {
                let near = NearestName.of(word, among: services.map(\.title) + services.map(\.name))
                let text = near.map { " (is \($0) meant?)" } ?? ""
                throw ConfigError(
                    .usage, "there is no configuration '\(Redaction.masked(word))'\(text): dd_switch status shows all")
            }
            wanted.formUnion(found.map(\.title))
        }
        return services.filter { wanted.contains($0.title) }
    }

    /// How they are now.
    public func statuses(_ services: [Service], _ limits: ServiceStatus.Thresholds) -> [ServiceStatus] {
        let now = Timestamp.now().seconds
        return services.map { ServiceStatus($0, files(of: $0).instances(), limits, now: now) }
    }

    /// Where its processes leave their traces.
    func files(of service: Service) -> DaemonFiles {
        DaemonFiles(
            program: service.program, configuration: service.name, stateName: StateName(service.name), stateHome: stateHome)
    }
}
