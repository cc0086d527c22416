/// Makes reports and says where they go.
public struct Reporter: Sendable {
    /// Who reports: the account, fifth field of a report's body is the machine, the sixth this.
    public let user: String
    /// The machine.
    public let host: String
    /// How reports reach the sources.
    public let way: Way

    /// How reports reach the sources.
    public enum Way: Sendable {
        /// The account tells a switch, on its own exchange there.
        case tell(exchange: String)
        /// The program works for the switch and routes reports itself, having the right to.
        case route(ReportRouter)
    }

    /// A reporter of `user`.
    public init(user: String, host: String, _ way: Way) {
        self.user = user
        self.host = host
        self.way = way
    }

    /// The messages that tell what became of a post, `seconds` after it was received.
    public func report(_ status: Status, on post: Post, seconds: Double) -> [Outgoing] {
        let report = Report(post: post, code: status.code, message: status.message, host: host, user: user, seconds: seconds)
        // A post that was decoded can be encoded again but for a topic prefix or header no longer within limits: then there is nobody
        // to tell.
        guard let message = try? ReportCodec.encode(report) else { return [] }
        switch way {
        case .tell(let exchange): return [Outgoing(message, to: exchange, lane: .reports, ifMissing: .leaveOut)]
        case .route(let router): return router.outgoing(report, message, fault: router.fault(of: report))
        }
    }
}
