/// Where configurations are looked up and state is kept.
public struct ConfigPaths: Sendable, Equatable {
    /// `dd` folders with configurations, the user's before the system's. `DD_CONFIG_HOME` alone when it is set.
    public let configHomes: [String]
    /// What must survive a restart: queue names, block maps.
    public let stateHome: String
    /// `credentials.conf` as systemd hands it over (`LoadCredential=`, `CREDENTIALS_DIRECTORY`); `nil`: it does not.
    public let serviceCredentials: String?

    /// The folders that the environment asks for: `DD_CONFIG_HOME`, `DD_STATE_HOME`, systemd's `STATE_DIRECTORY`,
    /// `XDG_CONFIG_HOME`, `XDG_STATE_HOME`, `HOME`.
    public init(environment: [String: String]) {
        func folder(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        let home = folder("HOME")
        serviceCredentials = folder("CREDENTIALS_DIRECTORY").map { $0 + "/credentials.conf" }
        if let own = environment["DD_CONFIG_HOME"], !own.isEmpty {
            configHomes = [own]
        } else {
            let user = folder("XDG_CONFIG_HOME") ?? home.map { $0 + "/.config" }
            configHomes = (user.map { [$0 + "/dd"] } ?? []) + ["/etc/dd"]
        }
        if let own = environment["DD_STATE_HOME"], !own.isEmpty {
            stateHome = own
        } else if let service = folder("STATE_DIRECTORY") {
            stateHome = service
        } else {
            let user = folder("XDG_STATE_HOME") ?? home.map { $0 + "/.local/state" }
            stateHome = user.map { $0 + "/dd" } ?? "/var/lib/dd"
        }
    }

    /// The first `default.conf`, common to all programs; `nil` when there is none.
    public var defaultFile: String? {
        configHomes.map { $0 + "/default.conf" }.first { Path.isFile($0) }
    }

    /// Where `credentials.conf` may be.
    public var credentialFiles: [String] { configHomes.map { $0 + "/credentials.conf" } }

    /// A configuration that was found.
    public struct Configuration: Sendable, Equatable {
        /// `${CONFIG}`, and the word in queue names: the file's name without `.conf`.
        public let name: String
        /// The file.
        public let path: String
    }

    /// The configuration that `text` names: a path when it has a `/` or is a `.conf` file here, otherwise `<text>.conf` in the
    /// folders of the program (`folder`: `post`, `sara`...).
    public func configuration(_ text: String, folder: String) throws(ConfigError) -> Configuration {
        let name = ConfigPaths.name(of: text)
        if text.contains("/") || (text.hasSuffix(".conf") && Path.isFile(text)) {
            guard Path.isFile(text) else { throw ConfigError(.configuration, "there is no configuration file \(text)") }
            return Configuration(name: name, path: text)
        }
        let places = configHomes.map { "\($0)/\(folder)/\(name).conf" }
        guard let path = places.first(where: Path.isFile) else {
            throw ConfigError(
                .configuration,
                "there is no configuration '\(Redaction.masked(text))': looked for \(places.joined(separator: " and "))")
        }
        return Configuration(name: name, path: path)
    }

    /// The name of the configuration that `text` names: the file's without `.conf`.
    static func name(of text: String) -> String {
        let last = String(text.split(separator: "/").last ?? "")
        return last.hasSuffix(".conf") ? String(last.dropLast(5)) : last
    }
}
