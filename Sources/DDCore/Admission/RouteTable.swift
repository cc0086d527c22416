/// What lies behind the links of this switch: which of the switches that take posts from here carries them on to which cluster.
///
/// It is made of the records of the accounts `link_<cluster>`, as the administrator has made them and the control stream tells them.
public final class RouteTable: Sendable {
    /// The way to one cluster.
    public struct Route: Sendable, Equatable {
        /// The next switch.
        public let hop: String
        /// Links on the way, 1 for the next switch itself.
        public let distance: Int
    }

    private struct State {
        var records: [String: UserRecord] = [:]
        /// What has been read of the control stream while it is read from its first message on.
        var draft: [String: UserRecord]?
        /// Whether the control stream has been read to its end once.
        var isKnown = false
    }

    /// This switch's name, and what else it is called.
    public let cluster: String
    private let aliases: [String]
    /// Names that stand for several clusters.
    private let groups: [String: [String]]
    private let state: Guarded<State>

    /// A table of the switch called `cluster`. `groups` are names that stand for several clusters. `isKnown`: nothing more is read.
    public init(cluster: String, aliases: [String] = [], groups: [String: [String]] = [:], isKnown: Bool = true) {
        (self.cluster, self.aliases, self.groups) = (cluster, aliases, groups)
        var state = State()
        state.isKnown = isKnown
        self.state = Guarded(state)
    }

    /// Whether all is read that was said of links so far. Before that a post would be refused for want of a way that is there.
    public var isKnown: Bool { state.withLock { $0.isKnown } }

    /// The control stream is read from its first message on: what is known holds until `endReading`.
    public func beginReading() { state.withLock { $0.draft = [:] } }

    /// The control stream has been read to its end: what was read holds from now on, unless nothing was in it any more.
    public func endReading() {
        state.withLock { state in
            guard let draft = state.draft else { return }
            state.draft = nil
            state.isKnown = true
            if !draft.isEmpty { state.records = draft }
        }
    }

    /// Takes the administrator's word about an account.
    public func apply(_ record: UserRecord) {
        state.withLock { state in
            if state.draft != nil { state.draft?[record.name] = record } else { state.records[record.name] = record }
        }
    }

    /// The way to each cluster that can be reached, but by none of the switches `without`: the shortest, of equal ones that by the first name.
    public func routes(without: [String] = []) -> [String: Route] {
        let links = state.withLock {
            $0.records.values.compactMap { record in record.link.map { (hop: $0, reaches: record.reaches) } }
        }
        var routes: [String: Route] = [:]
        func offer(_ target: String, _ route: Route) {
            guard target != cluster, !aliases.contains(target) else { return }
            if let known = routes[target], (known.distance, known.hop) <= (route.distance, route.hop) { return }
            routes[target] = route
        }
        for link in links where !without.contains(link.hop) {
            offer(link.hop, Route(hop: link.hop, distance: 1))
            for (target, distance) in link.reaches { offer(target, Route(hop: link.hop, distance: distance + 1)) }
        }
        return routes
    }

    /// The switches that take posts from here, in the order of their names.
    public var hops: [String] { state.withLock { $0.records.values.compactMap(\.link).sorted() } }
}

extension RouteTable {
    /// Where a post goes from here.
    public struct Destinations: Sendable, Equatable {
        /// It is for the consumers of this switch.
        public var isHere = false
        /// The next switches, each with the names that it is to care for.
        public var hops: [String: [String]] = [:]
        /// Names to which there is no way from here, each with what may have been meant.
        public var unreachable: [String] = []

        /// Whether it goes anywhere.
        public var isEmpty: Bool { !isHere && hops.isEmpty }
    }

    /// The word in `to_clusters` for all clusters.
    static let all = "ALL"

    /// Whether a name stands for several clusters: no user is there.
    func isForSeveral(_ name: String) -> Bool { name == Self.all || groups[name] != nil }

    /// Where a post for `names` (`to_clusters`; none: this switch alone) goes that has passed the switches `via`.
    public func destinations(_ names: [String], via: [String] = []) -> Destinations {
        var result = Destinations()
        guard !names.isEmpty else {
            result.isHere = true
            return result
        }
        let routes = routes(without: via)
        var seen: Set<String> = []
        var left = Array(names.reversed())
        while let name = left.popLast() {
            guard seen.insert(name).inserted else { continue }
            if let group = groups[name] {
                left += group.reversed()
            } else if name == Self.all {
                result.isHere = true
                for hop in hops where !via.contains(hop) { result.hops[hop, default: []].append(Self.all) }
            } else if name == cluster || aliases.contains(name) {
                result.isHere = true
            } else if let route = routes[name] {
                result.hops[route.hop, default: []].append(name)
            } else if !via.contains(name) {
                result.unreachable.append(name)
            }
        }
        // Who gets all needs nothing else said.
        for (hop, names) in result.hops where names.contains(Self.all) { result.hops[hop] = [Self.all] }
        return result
    }

    /// Why there is no way to `names`, for the source.
    func words(unreachable names: [String]) -> String {
        let known = Array(routes().keys) + [cluster] + aliases + Array(groups.keys)
        let texts = names.map { name in
            NearestName.of(name, among: known).map { "\(name) (is \($0) meant?)" } ?? name
        }
        return "no way from \(cluster) to \(texts.joined(separator: ", "))"
    }
}
