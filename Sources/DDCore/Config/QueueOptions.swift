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
    /// Messages in hand at most, 1...65535.
    public let prefetch: Int
    /// What could not be done is tried again for so long.
    public let retryTTL: Duration

    init(_ settings: Settings) throws(ConfigError) {
        name = settings.textIfAny("queue")
        expire = try settings.duration("expire")
        messageTTL = try settings.durationIfAny("message_ttl")
        durable = try settings.bool("durable")
        prefetch = try settings.integer("prefetch")
        retryTTL = try settings.duration("retry_ttl")
        guard expire > .zero else {
            throw ConfigError(at: settings.given("expire")?.origin ?? .builtIn, "expire 0 would delete the queue at once")
        }
    }

    static let options = [
        OptionSpec("queue", [], .text, value: "NAME", "name of the queue, to share it between machines"),
        OptionSpec(
            "expire", [], .duration(bareUnit: .minutes), value: "MINUTES", default: "1w", "delete an unused queue after this"),
        OptionSpec(
            "message_ttl", [], .duration(bareUnit: .minutes), value: "MINUTES", default: "none",
            "messages that waited longer are dropped"),
        OptionSpec("durable", [], .bool, default: "on", "the queue survives a restart of the broker"),
        OptionSpec("prefetch", [], .integer(1...65535), value: "N", default: "1000", "messages in hand at most"),
        OptionSpec(
            "retry_ttl", [], .duration(bareUnit: .seconds), value: "TIME", default: "2d", "how long what failed is tried again"),
    ]
}
