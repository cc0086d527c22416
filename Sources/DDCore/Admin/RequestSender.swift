import Glibc

/// Sends what a user asks of the administrator's tool.
public enum RequestSender {
    /// Publishes `request` on the exchange of the user who is logged in, and returns when the broker has it in a queue.
    public static func send(_ request: UserRequest, _ settings: BrokerSettings) throws(BrokerError) {
        let exchange = ExchangeName.posts(of: settings.url.user)
        let publisher = try AMQPPublisher(settings)
        defer { publisher.close() }
        let sequence = try publisher.publish(request.wire, to: exchange, mandatory: true)
        let end = ContinuousClock.now + .seconds(30)
        var answer: Confirmation?
        var isUnroutable = false
        while answer == nil, ContinuousClock.now < end {
            Readiness.wait(for: publisher.descriptor, seconds: 1)
            try publisher.poll { confirmation in
                if case .unroutable = confirmation { isUnroutable = true } else { answer = confirmation }
            }
        }
        guard case .taken(let last, _)? = answer, last >= sequence, !isUnroutable else {
            let why = isUnroutable ? "no queue takes requests there (dd_switch init makes it)" : "the broker did not confirm it"
            throw BrokerError(.noSuchObject, "cannot ask on \(exchange) on \(settings.url): \(why)")
        }
    }

    /// Why the broker does not let the user in; `nil`: it does.
    public static func refusal(_ settings: BrokerSettings) -> BrokerError? {
        do throws(BrokerError) {
            try AMQPConnection(settings).close()
            return nil
        } catch { return error }
    }

    /// Whether the user can log in with `password` within `seconds` (30 when `nil`): tried with growing waits.
    public static func accepts(_ password: NewPassword, _ settings: BrokerSettings, seconds: Double?) throws -> Bool {
        guard let secret = password.secret else { return false }
        var settings = settings
        settings.url = settings.url.with(password: secret)
        let end = ContinuousClock.now + .seconds(seconds ?? 30)
        var wait = Duration.milliseconds(100)
        while true {
            do throws(BrokerError) {
                let connection = try AMQPConnection(settings)
                connection.close()
                return true
            } catch {
                guard error.code == .refused || error.code == .limited else { throw error }
            }
            guard ContinuousClock.now + wait < end else { return false }
            usleep(UInt32(clamping: wait.components.attoseconds / 1_000_000_000_000 + wait.components.seconds * 1_000_000))
            wait = min(wait * 2, .seconds(4))
        }
    }
}
