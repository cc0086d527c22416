/// What is done about the way of a post, not about its file.
extension SaraIntake {
    /// What the source is told of those of a post's destinations to which there is no way; the log says it as well.
    func shortfall(of post: Post) -> [Outgoing] {
        guard let (status, names) = Admission.shortfall(of: post, plan) else { return [] }
        log.warning("\(post.location.url): \(status.message)", ["source": post.source ?? ""])
        var post = post
        if post.isProbe || post.permit != nil { post.toClusters = names }
        return plan.reporter?.report(status, on: post, seconds: 0) ?? []
    }

    /// A probe of `dd_post --trace_route` goes the way of a post, without a file: each switch tells its source that it was there, and whether
    /// it ends there (201) or goes on (202).
    func pass(_ probe: Post) -> Consideration {
        if let refusal = Admission.impasse(of: probe, plan) { return settle(refusal, probe) }
        var post = probe
        post.postedAs = probe.postedAs ?? probe.location.relpath
        post.via.append(plan.cluster)
        let targets = plan.targets(of: post)
        var outcome = Outcome(.done)
        let status: Status
        do {
            outcome.announcements = try plan.carried(post, to: targets)
            let words = (targets.isHere ? ["reached"] : []) + targets.hops.keys.sorted().map { "carried on to \($0)" }
            status = Status(targets.hops.isEmpty ? 201 : 202, words.joined(separator: ", "))
        } catch {
            return settle(Status(413, "it cannot be carried on: \(error.text)"), probe)
        }
        let age = max(0, Timestamp.now().seconds(since: probe.time))
        log.info("\(status.code) \(status.message)", ["path": probe.location.relpath])
        outcome.reports = shortfall(of: probe)
        outcome.reports += plan.reporter?.report(status, on: probe, seconds: age) ?? []
        return .settled(outcome)
    }
}
