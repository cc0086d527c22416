public import DDCore
import Glibc

/// Carries requests to RabbitMQ's management API. Used on the thread that made it.
public final class ManagementClient {
    private let url: ManagementURL
    private let request: CurlExchange

    // A broker with some ten thousand users has definitions of about this size.
    private static let longestAnswer = 256 << 20

    /// A client for the API at `url`; `authorities` is the PEM file for https. `nil` when libcurl cannot start.
    public init?(_ url: ManagementURL, authorities: String, patience: Int = 60) {
        self.url = url
        guard
            let request = CurlExchange(
                user: url.user, password: url.password.reveal(), authorities: authorities, patience: patience)
        else { return nil }
        self.request = request
    }

    /// The API, with this as its way there.
    public func api(vhost: String) -> ManagementAPI {
        ManagementAPI(address: "\(url)", vhost: vhost) { try self.sendAgain($0) }
    }

    /// RabbitMQ says 500 when it was to list what somebody else is making or deleting at that moment. All but POST may be sent again.
    private func sendAgain(_ question: ManagementRequest) throws -> ManagementAnswer {
        for pause in [100_000, 400_000, 1_600_000] as [useconds_t] {
            let answer = try send(question)
            guard answer.status == 500, question.method != "POST" else { return answer }
            usleep(pause)
        }
        return try send(question)
    }

    private static func hint(_ kind: CurlFailure.Kind) -> String {
        switch kind {
        case .certificate: " (option cafile names the PEM file of the authority that signed its certificate)"
        case .silent: " (does the broker run, is this its address, and is its plugin rabbitmq_management on?)"
        default: ""
        }
    }

    private func send(_ question: ManagementRequest) throws -> ManagementAnswer {
        let answer = request.perform(
            question.method, url.base + question.path, body: question.body?.text, limit: Self.longestAnswer)
        if let failure = answer.failure {
            throw ManagementError(
                "cannot reach the management API \(url): \(failure.text)\(Self.hint(failure.kind))",
                status: ExitStatus.unavailable)
        }
        if answer.body.isEmpty { return ManagementAnswer(status: answer.status, body: .null) }
        do {
            return ManagementAnswer(status: answer.status, body: try JSONParser.parse(answer.body))
        } catch {
            // Errors of a proxy before the broker come as a page.
            if answer.status >= 400 { return ManagementAnswer(status: answer.status, body: .null) }
            throw ManagementError("cannot read what \(url) answered: \(error)", status: ExitStatus.unavailable)
        }
    }
}
