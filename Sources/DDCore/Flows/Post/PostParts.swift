extension PostOptions.Announcement {
    /// The file that the URL itself names (the form without PATH): its path below the document root.
    func fileOfURL() throws(ConfigError) -> String {
        Path.absolute("\(documentRoot)/\(BaseURL(url)?.path ?? "")")
    }
}

extension PostPlan {
    /// The plan that dd_post's options ask for.
    init(_ options: PostOptions) {
        self.init(options.announcement, source: options.broker.user, randomize: options.randomize)
    }

    /// The plan of posts that say what `announcement` does, made by the account `source`.
    init(_ announcement: PostOptions.Announcement, source: String, randomize: Bool) {
        let sum: SumMethod =
            switch announcement.sum {
            case .md5: .digest(.md5)
            case .sha512: .digest(.sha512)
            case .xxh128: .digest(.xxh128)
            case .name: .name
            case .none: .none
            case .atDestination(.md5): .computeLater(.md5)
            case .atDestination(.sha512): .computeLater(.sha512)
            case .atDestination(.xxh128): .computeLater(.xxh128)
            }
        let root = announcement.documentRoot == "/" ? "" : announcement.documentRoot
        self.init(base: announcement.url, documentRoot: root, sum: sum, source: source)
        toClusters = announcement.toClusters
        toUsers = announcement.toUsers
        flow = announcement.flow
        parts = announcement.parts
        self.randomize = randomize
        rename = announcement.rename
        topicPrefix = announcement.topicPrefix
        subtopic = announcement.subtopic
    }
}

extension BrokerSettings {
    /// The settings for `url` of a program with these common options.
    public init(_ url: BrokerURL, _ common: CommonOptions) {
        self.init(
            url: url, name: [common.program, common.configuration].compactMap { $0 }.joined(separator: " "),
            heartbeat: common.heartbeat,
            authorities: common.caFile)
    }
}

extension Duration {
    /// As a number of seconds.
    public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
