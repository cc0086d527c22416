/// Which posts dd_subscribe wants, and where they go.
public struct SubscribePlan: Sendable {
    /// The accept, reject and directory lines.
    public var rules: [SelectionRule]
    /// Where files go when no `directory` line says otherwise.
    public var directory: String
    /// The place below it.
    public var placement: Placement
    /// Makes reports; `nil` when the user wants none sent.
    public var reporter: Reporter?
    /// Print the URLs, fetch nothing.
    public var notifiesOnly = false

    /// The keys of sources by `alice@a`: only what they have signed is taken; `nil`: it is not looked for.
    public var signers: [String: [UInt8]]?
    /// By which private posts come (`xp_<user>`). What claims to be private and came another way is no word of the switch.
    public var privateExchange: String?
    /// Posts that are left are said in the log.
    public var logsRejected = false

    /// A plan; the rest is set afterwards.
    public init(rules: [SelectionRule], directory: String, placement: Placement, reporter: Reporter?) {
        self.rules = rules
        self.directory = directory
        self.placement = placement
        self.reporter = reporter
    }
}

/// An intake that also takes posts that did not come as messages.
public protocol PostIntake: Intake {
    /// What is to be done with a post. `delivery` is what it came by, or `Delivery.none`.
    func consider(_ post: Post, _ delivery: Delivery) -> Consideration
}

/// Decodes and selects posts for an end user, on the pump's thread.
public final class SubscribeIntake: PostIntake {
    private let plan: SubscribePlan
    private let selection: Selection
    private let log: Log
    private let notify: (Post) -> Void

    /// An intake; `notify` is told each wanted post when nothing is to be fetched. Throws `ConfigError` for a bad pattern.
    public init(_ plan: SubscribePlan, log: Log, notify: @escaping (Post) -> Void) throws {
        self.plan = plan
        self.log = log
        self.notify = notify
        selection = try Selection(plan.rules)
    }

    /// See `Intake`.
    public func consider(_ delivery: Delivery) -> Consideration {
        var post: Post
        do {
            post = try PostCodec.decode(delivery)
        } catch {
            log.warning("a message that cannot be read is dropped (\(delivery.which())): \(error)")
            return .settled(Outcome(.failed))
        }
        if delivery.exchange != plan.privateExchange { post.toUsers = [] }
        return consider(post, delivery)
    }

    /// See `Intake`. A post that was to wait on the broker for another try, and cannot.
    public func reports(insteadOf outgoing: Outgoing, _ why: String) -> [Outgoing] {
        guard let post = try? PostCodec.decode(outgoing.message) else { return [] }
        return plan.reporter?.report(Status(499, "it cannot wait for another try: \(why)"), on: post, seconds: 0) ?? []
    }

    /// See `PostIntake`.
    public func consider(_ post: Post, _ delivery: Delivery) -> Consideration {
        guard case .accept(let directory) = selection.decide(post.location.url, log, aloud: plan.logsRejected) else {
            return .settled(Outcome(.passed))
        }
        if let signers = plan.signers, let fault = post.signatureFault(signers) {
            // Whoever verifies has the file by its blocks, each of which was signed.
            if post.inBlocks != nil { return .settled(Outcome(.passed)) }
            log.warning("\(post.location.url): 403 \(fault)", ["source": post.source ?? ""])
            var outcome = Outcome(.failed)
            outcome.reports = plan.reporter?.report(Status(403, fault), on: post, seconds: 0) ?? []
            return .settled(outcome)
        }
        if plan.notifiesOnly {
            notify(post)
            return .settled(Outcome(.done))
        }
        do {
            let place = try plan.placement.place(for: post)
            return .work(Job(delivery: delivery, post: post, place: place, root: directory ?? plan.directory))
        } catch {
            log.warning("\(post.location.url): \(post.location.withoutRepeating("\(error)"))")
            var outcome = Outcome(.failed)
            outcome.reports = plan.reporter?.report(Status(403, error.description), on: post, seconds: 0) ?? []
            return .settled(outcome)
        }
    }
}
