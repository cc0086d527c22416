/// What admission and announcing need to know of the switch.
public struct SaraPlan: Sendable {
    /// This switch's name in the network.
    public var cluster: String
    /// Other names that mean this switch in `to_clusters`.
    public var aliases: [String]
    /// Posts come from sources' own exchanges: who posted is the owner of the exchange, whatever the message says.
    public var readsSources: Bool
    /// The document root.
    public var root: String
    /// The place of a file below it.
    public var placement: Placement
    /// The URL under which the document root is served, with its final `/`.
    public var url: String
    /// Where announcements go; `nil`: to the exchange of the post's source (`xd_<source>`).
    public var exchange: String?
    /// The accept and reject lines.
    public var rules: [SelectionRule]
    /// What the rules leave is said in the log.
    var logsRejected = false
    /// Makes reports.
    public var reporter: Reporter?
    /// What holds for the sources.
    public var sources: SourceTable
    /// Which blocks and names are taken in.
    public var limits: AdmissionLimits
    /// What the sources have on disk; `nil` where they have no trees of their own.
    var usage: DiskUsage?
    /// What names of unfinished files end with.
    var lock = IncomingFile.defaultLock
    /// How large a block of a source may be, in bytes; a larger file must come in blocks.
    public var blockSizes: ClosedRange<Int64> = 1...Int64.max
    /// Whether addresses of this machine may be fetched from though no `allow_url` names them.
    public var allowsLocal: Bool
    /// What lies behind the links of this switch; `nil`: it knows none, and takes what is for others as none of its business.
    public var routes: RouteTable?
    /// The switch that routes its posts here; `nil`: posts are taken as their exchange carries them.
    public var link: String?
    /// Where what comes over the link may have been posted; empty: anywhere but here.
    public var fromClusters: [String] = []
    /// Who may fetch private data here; `nil`: private posts are refused.
    public var privates: PrivateAccess?
    /// How files are passed on that are too large to be kept.
    public var flight: FlightLimit?

    /// A plan.
    public init(
        cluster: String, aliases: [String] = [], readsSources: Bool, root: String, placement: Placement, url: String,
        exchange: String?, rules: [SelectionRule], reporter: Reporter?, sources: SourceTable,
        limits: AdmissionLimits = AdmissionLimits(), allowsLocal: Bool
    ) {
        self.cluster = cluster
        self.aliases = aliases
        self.readsSources = readsSources
        self.root = root
        self.placement = placement
        self.url = url
        self.exchange = exchange
        self.rules = rules
        self.reporter = reporter
        self.sources = sources
        self.limits = limits
        if readsSources && placement.daily { usage = DiskUsage(DailyTrees(root: root)) }
        self.allowsLocal = allowsLocal
    }
}

extension SaraPlan {
    /// The post of a file that is here at `place`, as it goes on from here, as far as that is known before it is fetched.
    func announced(_ original: Post, at place: Place) -> Post {
        var post = original
        post.location = Location(base: url, relpath: place.relpath)
        post.subtopic = Topic.subtopic(ofRelpath: place.relpath)
        post.postedAs = post.postedAs ?? original.location.relpath
        post.fromCluster = post.fromCluster ?? cluster
        post.via.append(cluster)
        post.rename = nil
        post.retrieve = nil
        post.inBlocks = nil
        return post
    }

    /// What is published of a post that is here: for the consumers of this switch, and for each of the next switches that carry it on, to which
    /// it names only the destinations that they are to care for.
    func outgoing(_ post: Post, topicPrefix: String = "v02.post") throws(MessageError) -> [Outgoing] {
        let targets = targets(of: post)
        let here: [Outgoing]
        if post.isPrivate {
            here = try readers(of: post).map { user throws(MessageError) in
                var copy = post
                copy.toUsers = ["\(user)@\(cluster)"]
                return try message(copy, to: ExchangeName.privatePosts(of: user), topicPrefix)
            }
        } else {
            here = targets.isHere ? [try message(post, to: exchange(for: post), topicPrefix)] : []
        }
        return try here + carried(post, to: targets, topicPrefix: topicPrefix)
    }

    /// The users of this switch that a private post is for, in the order of their names.
    func readers(of post: Post) -> [String] {
        let names = post.toUsers.compactMap(Recipient.init).filter { isHere($0.cluster) }.map(\.user)
        return Set(names).sorted().filter { privates?.fault(of: $0) == nil }
    }

    /// Whether a name means this switch.
    func isHere(_ name: String) -> Bool { name == cluster || aliases.contains(name) }

    /// Lets those fetch the file of a private post from here that are to have it: its readers, and the links that carry it on.
    func open(_ post: Post, at place: Place) throws {
        guard post.isPrivate, let privates, let group = PrivatePlace.group(of: place) else { return }
        var post = post
        post.via.append(cluster)
        let links = targets(of: post).hops.keys.map { UserRecord.linkPrefix + $0 }
        try privates.admit(readers(of: post) + links, to: group, of: post.fromCluster ?? cluster)
    }

    /// Where a post goes from here that has passed the switches in its `via`, of which the last is this one.
    func targets(of post: Post) -> RouteTable.Destinations {
        routes?.destinations(post.toClusters, via: post.via.dropLast()) ?? RouteTable.Destinations(isHere: true)
    }

    /// What is published of a post for the next switches.
    func carried(
        _ post: Post, to targets: RouteTable.Destinations, topicPrefix: String = "v02.post"
    ) throws(MessageError) -> [Outgoing] {
        var result: [Outgoing] = []
        for (hop, names) in targets.hops.sorted(by: { $0.key < $1.key }) {
            var copy = post
            copy.toClusters = names
            // Who else may read it is nobody's business there.
            copy.toUsers = copy.toUsers.filter { Recipient($0).map { names.contains($0.cluster) } ?? false }
            result.append(try message(copy, to: ExchangeName.link(to: hop), topicPrefix))
        }
        return result
    }

    private func message(_ post: Post, to exchange: String, _ topicPrefix: String) throws(MessageError) -> Outgoing {
        Outgoing(try PostCodec.encode(post, topicPrefix: topicPrefix), to: exchange, lane: .announcements, ifMissing: .wait)
    }

    /// Where a post is announced to the consumers of this switch.
    func exchange(for post: Post) -> String {
        exchange ?? post.source.map { ExchangeName.data(of: $0) } ?? ExchangeName.publicPosts
    }
}
