/// From where a program takes posts.
public struct SourceOptions: Sendable {
    /// Where to subscribe.
    public let broker: BrokerURL
    /// What is subscribed to; never empty.
    public let exchanges: [String]
    /// What is bound, without the prefix; never empty.
    public let topics: [String]
    /// First words of the topics that are bound, and of those that are posted.
    public let topicPrefix: String

    init(_ loaded: Loader.Loaded) throws(ConfigError) {
        let settings = loaded.settings
        broker = try settings.broker("source_broker", loaded.credentials)
        exchanges = settings.texts("source_exchange")
        topics = settings.texts("source_topic")
        topicPrefix = try settings.text("topic_prefix")
    }

    /// `source_broker`, `source_exchange` and `source_topic`; without a default an exchange must be given.
    static func options(exchange: String?, _ meaning: String = "what to subscribe to") -> [OptionSpec] {
        [
            OptionSpec(
                "source_broker", [], .text, value: "URL", "where posts come from: amqp[s]://user[:password]@host[:port][/vhost]"),
            OptionSpec("source_exchange", [], .name, repeatable: true, value: "NAME", default: exchange, meaning),
            OptionSpec(
                "source_topic", [], .text, repeatable: true, value: "WORDS", default: "#",
                "topics below the prefix; * one word, # any"),
        ]
    }
}
