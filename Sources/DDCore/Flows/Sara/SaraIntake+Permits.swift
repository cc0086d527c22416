/// What sources say of their private trees.
extension SaraIntake {
    /// Carries out what a source of this switch says, or the switch before it, and passes it on to the switches behind it that it concerns.
    func settle(_ permit: Permit, _ post: Post) -> Consideration {
        guard let privates = plan.privates else {
            return settle(
                Status(503, "private data is not carried by \(plan.cluster): its dd_sara has no private_accounts"), post)
        }
        guard plan.readsSources == (permit.action != .set) else {
            return settle(Status(417, "a permit that cannot be followed: \(permit.action.rawValue) \(permit.tree)"), post)
        }
        do {
            let readers = try Admission.readers(of: post, plan)
            switch permit.action {
            case .list: return tell(try privates.trees.all(of: post.source ?? ""), post)
            case .set: return try set(permit, post, privates)
            case .grant, .revoke: break
            }
            guard !readers.isEmpty else { return settle(Status(417, "it names nobody"), post) }
            let source = post.source ?? ""
            guard let (before, after) = try privates.trees.change(permit, of: source, post.toUsers) else {
                return settle(Status(404, "\(permit.tree) was given to nobody"), post)
            }
            var post = post
            post.toUsers = after
            post.toClusters = Set((before + after + readers.map(\.description)).compactMap(Recipient.init).map(\.cluster))
                .sorted()
            let group = try PrivatePlace.group(ofTree: permit.tree, source: source, cluster: plan.cluster)
            log.notice("\(permit.tree): \(permit.action.rawValue), now for \(after.joined(separator: ", "))", ["source": source])
            return try set(Permit(.set, group: group, tree: permit.tree), post, privates)
        } catch let refusal as Admission.Refusal {
            return settle(refusal.status, post)
        } catch let bound as PrivateTrees.TooMany {
            return settle(Status(413, bound.description), post)
        } catch let refusal as FileError where refusal.code == .notAllowed {
            return settle(Status(403, refusal.description), post)
        } catch {
            // Not done, and not forgotten: what comes after it in its queue could be read by the wrong people, and waits. Other queues go on.
            tellHold(post.source ?? "", "who may have \(permit.tree) cannot be written here: \(error)", post)
            return .wait(5)
        }
    }

    /// Lets those of `to_users` that are here, and the links to the others, have what is of the group, and nobody else.
    private func set(_ permit: Permit, _ original: Post, _ privates: PrivateAccess) throws -> Consideration {
        var post = original
        post.postedAs = original.postedAs ?? original.location.relpath
        post.via.append(plan.cluster)
        post.permit = permit
        let targets = plan.targets(of: post)
        let clusters = Set(post.toUsers.compactMap(Recipient.init).map(\.cluster))
        // A link whose clusters have nobody left has nothing to fetch any more.
        let links = targets.hops.filter { $0.value.contains(where: clusters.contains) }.keys.map { UserRecord.linkPrefix + $0 }
        let readers = plan.readers(of: post)
        try privates.admit(readers + links, to: permit.group, of: post.fromCluster ?? plan.cluster)
        let isHere = targets.isHere || !readers.isEmpty
        let whom = readers.isEmpty ? "nobody here" : readers.joined(separator: ", ")
        let words =
            (isHere ? ["reached: \(whom) may have \(permit.tree)"] : [])
            + targets.hops.keys.sorted().map { "carried on to \($0)" }
        var outcome = Outcome(.done)
        outcome.announcements = try plan.carried(post, to: targets)
        let age = max(0, Timestamp.now().seconds(since: post.time))
        let status = Status(targets.hops.isEmpty ? 201 : 202, words.joined(separator: "; "))
        // Who waits for the last word of each switch has heard of these by then.
        outcome.reports = shortfall(of: original)
        outcome.reports += plan.reporter?.report(status, on: original, seconds: age) ?? []
        return .settled(outcome)
    }

    /// One report for each tree, and one at the end.
    private func tell(_ trees: [String: [String]], _ post: Post) -> Consideration {
        var outcome = Outcome(.done)
        for (tree, users) in trees.sorted(by: { $0.key < $1.key }) {
            var copy = post
            (copy.permit, copy.toUsers) = (Permit(.grant, tree: tree), users)
            outcome.reports += plan.reporter?.report(Status(200, "may be had by \(users.count)"), on: copy, seconds: 0) ?? []
        }
        outcome.reports += plan.reporter?.report(Status(201, "\(trees.count) private trees"), on: post, seconds: 0) ?? []
        return .settled(outcome)
    }
}
