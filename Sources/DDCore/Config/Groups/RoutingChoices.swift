/// Which way posts come to a dd_sara from another switch, and what names of clusters mean.
public struct RoutingChoices: Sendable, Equatable {
    /// The switch that routes its posts here; `nil`: posts are taken as their exchange carries them.
    public let link: String?
    /// Where what comes over the link may have been posted; empty: anywhere but here.
    public let fromClusters: [String]
    /// Sources of other clusters keep their names.
    public let trustsNames: Bool
    /// Names that stand for several clusters.
    public let groups: [String: [String]]

    init(_ settings: Settings, isFromSources: Bool, cluster: String) throws(ConfigError) {
        link = settings.textIfAny("link")
        fromClusters = settings.words("from_clusters")
        trustsNames = try settings.bool("trust_names")
        var groups: [String: [String]] = [:]
        for setting in settings.all("cluster_group") {
            let words = setting.value.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            let members = words.dropFirst().flatMap { $0.split(separator: ",").map(String.init) }
            guard let name = words.first, !members.isEmpty, ([name] + members).allSatisfy(AccountName.isValid) else {
                throw settings.bad(setting, "a name and the clusters that it stands for are expected, like 'europe a,b,c'")
            }
            guard groups.updateValue(members, forKey: name) == nil else {
                throw settings.bad(setting, "'\(name)' is there twice")
            }
        }
        self.groups = groups
        guard let link else {
            for name in ["from_clusters", "trust_names"] where settings.given(name) != nil {
                throw ConfigError(at: settings.given(name)?.origin ?? .builtIn, "\(name) is about a link: it needs option link")
            }
            return
        }
        let origin = settings.given("link")?.origin ?? .builtIn
        guard AccountName.isValid(link) else {
            throw ConfigError(at: origin, "bad link '\(link)': the name of a cluster is expected")
        }
        guard link != cluster else { throw ConfigError(at: origin, "link \(link): that is this switch itself") }
        guard !isFromSources else {
            throw ConfigError(at: origin, "link takes posts from another switch: it needs source_from_exchange off")
        }
    }
}
