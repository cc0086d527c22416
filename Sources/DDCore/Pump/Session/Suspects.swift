/// Which messages it may be over which a broker ends connections: it does not say which.
///
/// After such an end what was unconfirmed is sent one message at a time. One that was alone on its way twice when the connection ended is
/// not sent a third time, once the broker has taken another: then the fault is the message's. While it takes none, the fault is the broker's.
/// For one thread; outlives connections.
final class Suspects {
    private struct Record {
        var failures = 0
        var reason = ""
        /// Messages that the broker had taken before the first failure.
        var takenBefore = 0
    }

    private var records: [Key: Record] = [:]
    private var taken = 0
    /// So many messages more are sent one at a time.
    private var careful = 0

    /// After so many failures it is the message's fault though no other has been sent meanwhile.
    private static let most = 5
    /// Messages that are remembered.
    private static let room = 1000

    /// A message as it goes to an exchange.
    struct Key: Hashable {
        let exchange: String
        let topic: String
        let body: String

        init(_ message: WireMessage, to exchange: String) {
            (self.exchange, topic, body) = (exchange, message.topic, message.body)
        }
    }

    /// How many may be unconfirmed at once, where usually `limit` may.
    func window(_ limit: Int) -> Int { careful > 0 ? 1 : limit }

    /// Whether the message was alone on its way when a connection ended: it is sent after all others.
    func contains(_ message: WireMessage, to exchange: String) -> Bool {
        !records.isEmpty && records[Key(message, to: exchange)] != nil
    }

    /// Why a message is not to be sent any more; `nil`: it is.
    func verdict(on message: WireMessage, to exchange: String) -> String? {
        guard !records.isEmpty, let record = records[Key(message, to: exchange)] else { return nil }
        guard record.failures >= Self.most || record.failures >= 2 && taken > record.takenBefore else { return nil }
        return "the broker has ended the connection over it \(record.failures) times: \(record.reason)"
    }

    /// The broker has ended the connection with `error` while these were unconfirmed. A connection that is lost otherwise says nothing of them.
    func ended(_ error: BrokerError, unconfirmed: [(message: WireMessage, exchange: String)]) {
        guard error.code == .other, !unconfirmed.isEmpty else { return }
        careful = max(careful, 2 * unconfirmed.count)
        guard unconfirmed.count == 1 else { return }
        if records.count >= Self.room { records.removeAll() }
        let key = Key(unconfirmed[0].message, to: unconfirmed[0].exchange)
        var record = records[key] ?? Record(takenBefore: taken)
        record.failures += 1
        record.reason = error.description
        records[key] = record
    }

    /// The broker has taken a message.
    func confirmed(_ message: WireMessage, to exchange: String) {
        taken &+= 1
        if careful > 0 { careful -= 1 }
        if !records.isEmpty { records[Key(message, to: exchange)] = nil }
    }
}
