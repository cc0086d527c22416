/// Makes reports and says where they go.
public struct Reporter: Sendable {
    /// Who reports: the account, fifth field of a report's body is the machine, the sixth this.
    public let user: String
    /// The machine.
    public let host: String
    /// Where reports go first: the exchange by which this account tells the switch.
    public let exchange: String
    /// Set in programs that work for the switch: they route reports themselves, having the right to.
    public let router: ReportRouter?

    /// A reporter of `user` to `exchange`.
    public init(user: String, host: String, exchange: String, router: ReportRouter? = nil) {
        self.user = user
        self.host = host
        self.exchange = exchange
        self.router = router
    }

    /// The messages that tell what became of a post, `seconds` after it was received.
    public func report(_ status: Status, on post: Post, seconds: Double) -> [Outgoing] {
        let report = Report(post: post, code: status.code, message: status.message, host: host, user: user, seconds: seconds)
        // A post that was decoded can be encoded again but for a topic prefix or header no longer within limits: then there is nobody
        // to tell.
        guard let message = try? ReportCodec.encode(report) else { return [] }
        return [Outgoing(message, to: exchange, lane: .reports, onlyIfExchangeExists: true)]
            + (router?.onward(report) ?? []).map { Outgoing(message, to: $0, lane: .reports, onlyIfExchangeExists: true) }
    }
}

/// Where a report goes from this switch.
public struct ReportRouter: Sendable {
    /// This switch's cluster name.
    public let cluster: String

    /// A router of the switch called `cluster`.
    public init(cluster: String) {
        self.cluster = cluster
    }

    /// The exchanges on the report's way home: its source's, when the post entered here. Reports on posts that entered elsewhere stay
    /// on `xlog`, where they are counted.
    public func onward(_ report: Report) -> [String] {
        guard report.post.fromCluster ?? cluster == cluster, let source = report.post.source, AccountName.isValid(source) else {
            return []
        }
        return [ExchangeName.reports(of: source)]
    }
}
