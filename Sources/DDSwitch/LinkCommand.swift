import DDCore
import Glibc

/// `dd_switch link add`: the account for another switch, or all that this switch needs to take posts from another.
enum LinkCommand {
    static func add(
        _ cluster: String, _ settings: Settings, _ administration: Administration, _ options: SwitchOptions, isDryRun: Bool,
        environment: [String: String]
    ) throws {
        let from = settings.given("from")
        for name in ["reaches", "password", "password_file"] where from != nil && settings.given(name) != nil {
            throw ConfigError(.usage, "--\(name) is for the switch that gives the posts, --from for the one that takes them")
        }
        guard let from else {
            guard settings.given("origins") == nil else { throw ConfigError(.usage, "--origins needs --from") }
            try administration.addLink(cluster, reaches: reaches(settings), password: PasswordSource(settings))
            return
        }
        let folder = ConfigPaths(environment: environment).configHomes.first { SmallFile.isFolder($0) } ?? "/etc/dd"
        let files = ConfigPaths(environment: environment).credentialFiles
        let parts = try URLParts(from.value)
        let url = try BrokerURL(Credentials(files: files).complete(parts))
        guard !url.password.isEmpty else {
            throw ConfigError(
                .usage, "no password for \(url): give it in the URL once, or put the URL with it into \(folder)/credentials.conf")
        }
        let text = try configuration(cluster, url, settings, options)
        let path = "\(folder)/sara/link_\(cluster).conf"
        let there = try SmallFile.lines(path)
        guard there.isEmpty || there.first == heading(cluster) else {
            throw ConfigError(.configuration, "\(path) was not written by dd_switch link add: move it away first")
        }
        try administration.addUpstream(cluster, url)
        if parts.password != nil { try remember(url, from.value, in: folder + "/credentials.conf", isDryRun: isDryRun) }
        if there.joined(separator: "\n") + "\n" != text.split(separator: "\n").joined(separator: "\n") + "\n" {
            if !isDryRun {
                try SmallFile.makeFolder(folder + "/sara")
                try SmallFile.write(text, to: path)
            }
            _ = Program.printed("\(there.isEmpty ? "+" : "~") file \(path)\n")
        }
        _ = Program.printed(
            "dd_sara link_\(cluster) start    takes the posts (or: systemctl enable --now dd-sara@link_\(cluster))\n")
    }

    /// `A,B:2`: what lies behind a link, and how many links are between; `nil`: nothing was said.
    static func reaches(_ settings: Settings) throws(ConfigError) -> [String: Int]? {
        guard let setting = settings.given("reaches") else { return nil }
        var reaches: [String: Int] = [:]
        for word in setting.value.split(whereSeparator: { $0 == "," || $0 == " " }) where setting.value != "none" {
            let pair = word.split(separator: ":", omittingEmptySubsequences: false)
            let name = String(pair[0])
            guard pair.count <= 2, AccountName.isValid(name), let links = pair.count == 2 ? Int(pair[1]) : 1, 1...100 ~= links
            else {
                throw ConfigError(
                    .usage, "bad value '\(word)' for --reaches: a cluster, or a cluster and links like c:2, is expected")
            }
            guard reaches.updateValue(links, forKey: name) == nil else {
                throw ConfigError(.usage, "--reaches names '\(name)' twice")
            }
        }
        return reaches
    }

    private static func heading(_ cluster: String) -> String { "# The link from \(cluster). Written by dd_switch link add." }

    private static func configuration(
        _ cluster: String, _ url: BrokerURL, _ settings: Settings, _ options: SwitchOptions
    ) throws(ConfigError) -> String {
        guard let broker = options.broker, let root = options.documentRoot, let own = options.url else {
            throw ConfigError(
                .configuration,
                "broker, document_root and url are needed in switch.conf: the link stores and announces what comes")
        }
        let origins = settings.given("origins").map { "from_clusters \($0.value)\n" } ?? ""
        return """
            \(heading(cluster))
            link \(cluster)
            source_broker \(url)
            \(origins)broker \(broker)
            document_root \(root)
            \(options.privateAccounts.map { "private_accounts \($0)\n" } ?? "")url \(own)
            cluster \(options.cluster)
            cafile \(options.common.caFile)

            """
    }

    /// Adds the account to the file of passwords, unless it is there.
    private static func remember(_ url: BrokerURL, _ text: String, in path: String, isDryRun: Bool) throws {
        let known = try Credentials(files: [path]).complete(URLParts("\(url)"))
        if let password = known.password, !password.isEmpty {
            guard password.reveal() == url.password.reveal() else {
                throw ConfigError(.configuration, "\(path) has another password for \(url): change it there")
            }
            return
        }
        if !isDryRun {
            let before = try SmallFile.contents(path) ?? []
            let separator = before.isEmpty || before.last == UInt8(ascii: "\n") ? "" : "\n"
            let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw ProcessError("cannot write \(path)", errno) }
            defer { close(descriptor) }
            // Added to what is there: the file keeps its owner and mode.
            let line = Array("\(separator)\(text)\n".utf8)
            guard write(descriptor, line, line.count) == line.count, fsync(descriptor) == 0 else {
                throw ProcessError("cannot write \(path)", errno)
            }
        }
        _ = Program.printed("+ account \(url) in \(path)\n")
    }
}
