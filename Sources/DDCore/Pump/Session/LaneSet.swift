/// The publishing connections of one session. Messages for one broker share one, whatever they carry.
struct LaneSet {
    /// Each connection once.
    private(set) var all: [Lane] = []
    private var places: [Outgoing.Lane: (url: BrokerURL, lane: Lane)] = [:]

    /// Connects what `settings` ask for.
    init(_ settings: PumpSettings, suspects: Suspects, log: Log) throws(BrokerError) {
        let wanted: [(Outgoing.Lane, BrokerSettings?)] = [
            (.announcements, settings.announcements), (.reports, settings.reports),
            (.retries, settings.retries == nil ? nil : settings.source),
        ]
        for (kind, broker) in wanted {
            guard let broker else { continue }
            if let same = places.values.first(where: { $0.url == broker.url }) {
                places[kind] = same
            } else {
                let lane = try Lane(broker, limit: settings.window, suspects: suspects, log: log)
                all.append(lane)
                places[kind] = (broker.url, lane)
            }
        }
    }

    /// The connection that carries messages of a kind; `nil`: this program publishes none.
    subscript(kind: Outgoing.Lane) -> Lane? { places[kind]?.lane }

    /// Nothing waits, and everything is confirmed.
    var isIdle: Bool { all.allSatisfy(\.isIdle) }
}
