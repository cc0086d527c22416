/// The queue of a program that subscribes.
public struct QueueOptions: Sendable {
    /// The name that was asked for; `nil`: made from user, program, configuration and an id kept in state.
    public let name: String?
    /// The broker deletes a queue that nobody used for so long (`x-expires`).
    public let expire: Duration
    /// The broker drops what waited longer (`x-message-ttl`); `nil`: nothing is dropped.
    public let messageTTL: Duration?
    /// It survives a restart of the broker.
    public let durable: Bool
    /// Where in a cluster the queues of the program are.
    public let type: QueueType
    /// Messages in hand at most, 1...65535.
    public let prefetch: Int
    /// What could not be done is tried again for so long.
    public let retryTTL: Duration
    /// How long it waits on the broker between tries, from the shortest to the longest; 1...8 of them, each 1 s to 1 d.
    public let retryWaits: [Duration]

    init(_ settings: Settings) throws(ConfigError) {
        name = settings.textIfAny("queue")
        expire = try settings.duration("expire")
        messageTTL = try settings.durationIfAny("message_ttl")
        durable = try settings.bool("durable")
        type = try settings.choice("queue_type", as: QueueType.self)
        prefetch = try settings.integer("prefetch")
        retryTTL = try settings.duration("retry_ttl")
        retryWaits = try Self.waits(settings)
        guard expire > .zero else {
            throw ConfigError(at: settings.given("expire")?.origin ?? .builtIn, "expire 0 would delete the queue at once")
        }
        guard durable || type == .classic else {
            throw ConfigError(
                at: settings.given("durable")?.origin ?? .builtIn, "a quorum queue is durable: leave 'durable off' out")
        }
    }

    private static func waits(_ settings: Settings) throws(ConfigError) -> [Duration] {
        let words = try settings.text("retry_waits").split(separator: ",").map { String($0.trimmed) }
        let waits = words.compactMap { Values.duration($0, bareUnit: .seconds) }
        guard waits.count == words.count, 1...8 ~= waits.count, waits.allSatisfy({ .seconds(1)...(.seconds(86_400)) ~= $0 })
        else {
            throw ConfigError(
                at: settings.given("retry_waits")?.origin ?? .builtIn,
                "retry_waits: one to eight times from 1s to 1d are expected, with commas, like 5s,1m,10m,1h")
        }
        return waits
    }

    static let queueType = OptionSpec(
        "queue_type", [], .choice(QueueType.allCases.map(\.rawValue)), value: "classic|quorum", default: "classic",
        "on one node of a cluster, or on most")

    static let options = [
        OptionSpec("queue", [], .name, value: "NAME", "name of the queue, to share it between machines"),
        OptionSpec(
            "expire", [], .duration(bareUnit: .minutes), value: "MINUTES", default: "1w", "delete an unused queue after this"),
        OptionSpec(
            "message_ttl", [], .duration(bareUnit: .minutes), value: "MINUTES", default: "none",
            "messages that waited longer are dropped"),
        OptionSpec("durable", [], .bool, default: "on", "the queue survives a restart of the broker"),
        queueType,
        OptionSpec("prefetch", [], .integer(1...65535), value: "N", default: "1000", "messages in hand at most"),
        OptionSpec(
            "retry_waits", [], .text, value: "TIMES", default: "5s,1m,10m,1h", "how long it waits between tries, growing"),
        OptionSpec(
            "retry_ttl", [], .duration(bareUnit: .seconds), value: "TIME", default: "2d", "how long what failed is tried again"),
    ]
}
