/// How a switch passes on files that are larger than the disk it has for them.
public struct InFlightOptions: Sendable, Equatable {
    /// Bytes of one file that are kept at once.
    public let size: Int64
    /// The accounts whose reports let a block go; never empty.
    public let hops: [String]
    /// How long a block is kept at most.
    public let keep: Duration

    /// `nil` when nothing is asked for.
    init?(_ settings: Settings) throws(ConfigError) {
        guard let given = settings.given("in_flight") else { return nil }
        size = try settings.size("in_flight")
        hops = settings.texts("next_hop")
        keep = try settings.duration("in_flight_keep")
        guard size > 0 else { throw ConfigError(at: given.origin, "in_flight must be 1 or more") }
        guard !hops.isEmpty else {
            throw ConfigError(at: given.origin, "in_flight without next_hop: say whose reports let a block go")
        }
    }
}
