/// Where a report goes from this switch: onto `xlog`, for its administrators, and on to the source of the data, or to the switch that the data
/// came from, which carries it on. What has no way there goes to `xunrouted`, with the reason in the header `unrouted`.
public struct ReportRouter: Sendable {
    /// This switch's cluster name.
    public let cluster: String

    /// A router of the switch called `cluster`.
    public init(cluster: String) {
        self.cluster = cluster
    }

    /// Why there is no way for a report from here, or `nil`.
    func fault(of report: Report) -> String? {
        if let origin = origin(of: report.post) {
            return upstream(report.post) == nil ? "no way to cluster \(origin)" : nil
        }
        guard let source = report.post.source, AccountName.isValid(source) else {
            return "it does not say whose data it is about"
        }
        return nil
    }

    /// Where the post was made, when that is another switch.
    private func origin(of post: Post) -> String? {
        let origin = post.fromCluster ?? cluster
        return origin.utf8.elementsEqual(cluster.utf8) ? nil : origin
    }

    /// The switch that the post came here from (`via`): the reports go the same way back. `nil`: it has not passed this one, or came from
    /// nowhere.
    func upstream(_ post: Post) -> String? {
        guard let here = post.via.firstIndex(of: cluster), here > 0, post.via.first == post.fromCluster,
            AccountName.isValid(post.via[here - 1])
        else { return nil }
        return post.via[here - 1]
    }

    /// The messages of a report that `message` is on the wire; with a `fault` it does not go to its source.
    func outgoing(_ report: Report, _ message: WireMessage, fault: String?) -> [Outgoing] {
        let log = Outgoing(message, to: ExchangeName.log, lane: .reports, ifMissing: .leaveOut)
        if fault == nil, origin(of: report.post) != nil, let upstream = upstream(report.post) {
            return [
                log,
                Outgoing(
                    abroad(report) ?? message, to: ExchangeName.reports(to: upstream), lane: .reports,
                    ifMissing: .publish(to: ExchangeName.unrouted)),
            ]
        }
        guard fault == nil, let source = report.post.source else {
            return [log, Self.unrouted(message, fault ?? "it does not say whose data it is about")]
        }
        return [
            log,
            Outgoing(
                message, to: ExchangeName.reports(of: source), lane: .reports, ifMissing: .publish(to: ExchangeName.unrouted)),
        ]
    }

    /// The report as it leaves this switch: beyond it the name of a consumer alone says little.
    private func abroad(_ report: Report) -> WireMessage? {
        guard !report.user.utf8.contains(UInt8(ascii: "@")) else { return nil }
        var report = report
        report.user += "@\(cluster)"
        return try? ReportCodec.encode(report)
    }

    /// A report that goes to no source.
    static func unrouted(_ message: WireMessage, _ reason: String) -> Outgoing {
        var message = message
        message.headers[Report.reasonHeader] = ReportCodec.cut(reason)
        return Outgoing(message, to: ExchangeName.unrouted, lane: .reports, ifMissing: .leaveOut)
    }

    /// A post that cannot be sent on, for the administrator to see: the first of its body, without the headers that may be the reason.
    static func setAside(_ outgoing: Outgoing, _ reason: String) -> Outgoing {
        let body = String(decoding: outgoing.message.body.utf8.prefix(1000), as: UTF8.self)
        let headers: Headers = ["exchange": ReportCodec.cut(outgoing.exchange)]
        return unrouted(WireMessage(topic: "v02.post", headers: headers, body: body), "a post is set aside: \(reason)")
    }

    /// What cannot be read as a report, or nobody can be said to have sent: of its body the beginning, and who reported by which exchange.
    static func unreadable(_ delivery: Delivery, _ reason: String) -> Outgoing {
        let body = String(decoding: delivery.message.body.utf8.prefix(1000), as: UTF8.self)
        let headers: Headers = ["exchange": delivery.exchange]
        return unrouted(WireMessage(topic: "v02.log", headers: headers, body: body), reason)
    }
}
