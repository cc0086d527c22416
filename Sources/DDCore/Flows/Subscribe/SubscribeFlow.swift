/// The way of a post to an end user: selected, fetched, verified, stored, the user's program started, reported.
public enum SubscribeFlow {
    /// What the intake needs: which posts are wanted and where they go.
    public struct Plan: Sendable {
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

        /// A plan; the rest is set afterwards.
        public init(rules: [SelectionRule], directory: String, placement: Placement, reporter: Reporter?) {
            self.rules = rules
            self.directory = directory
            self.placement = placement
            self.reporter = reporter
        }
    }

    /// Decodes and selects on the pump's thread.
    public final class Reader: Intake {
        private let plan: Plan
        private let selection: Selection
        private let log: Log
        private let notify: (Post) -> Void

        /// A reader; `notify` is told each wanted post when nothing is to be fetched. Throws `ConfigError` for a bad pattern.
        public init(_ plan: Plan, log: Log, notify: @escaping (Post) -> Void) throws {
            self.plan = plan
            self.log = log
            self.notify = notify
            selection = try Selection(plan.rules)
        }

        /// See `Intake`.
        public func consider(_ delivery: Delivery) -> Consideration {
            let post: Post
            do {
                post = try PostCodec.decode(delivery)
            } catch {
                log.warning("a message that cannot be read is dropped (\(delivery.which())): \(error)")
                return .settled(Outcome(.failed))
            }
            return consider(post, delivery)
        }

        /// See `Intake`. A post that was to wait on the broker for another try, and cannot.
        public func reports(insteadOf outgoing: Outgoing, _ why: String) -> [Outgoing] {
            guard let post = try? PostCodec.decode(outgoing.message) else { return [] }
            return plan.reporter?.report(Status(499, "it cannot wait for another try: \(why)"), on: post, seconds: 0) ?? []
        }

        /// The same for a post that did not come as a message, or is decoded.
        func consider(_ post: Post, _ delivery: Delivery) -> Consideration {
            guard case .accept(let directory) = selection.decide(post.location.url) else { return .settled(Outcome(.passed)) }
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

    /// Does one post on a worker's thread.
    public final class Doer: Worker {
        private let acquirer: Acquirer
        private let triggers: Triggers
        private let reporter: Reporter?
        private let patience: Double
        private let log: Log

        /// A worker that fetches with `fetcher` and gives a post up after `patience` seconds of temporary failures.
        public init(
            _ settings: AcquireSettings, fetcher: any Fetcher, policy: FetchPolicy, triggers: Triggers, reporter: Reporter?,
            patience: Double, log: Log
        ) {
            acquirer = Acquirer(settings, fetcher: fetcher) { _ in policy }
            self.triggers = triggers
            self.reporter = reporter
            self.patience = patience
            self.log = log
        }

        /// See `Worker`.
        public func process(_ job: Job) -> Outcome {
            var isStored = false
            do {
                if let refusal = try triggers.beforeFetch(job) { return settle(job, refusal, nil) }
                let result = try acquirer.acquire(job, triggers)
                isStored = result.changed
                // What another has put there while this one failed is not this one's to start a program for.
                if job.post.block == nil, !result.cameInBlocks, result.changed || (result.status.code == 304 && job.mayBeStored),
                    let refusal = try triggers.afterFile(job, isRepeated: job.isRepeated)
                {
                    return settle(job, refusal, result)
                }
                let formerName = result.changed ? job.post.formerName : ""
                return settle(job, Status(result.status.code, result.status.message + formerName), result)
            } catch {
                switch Verdict.on(error, attempt: job.attempt, age: job.age, patience: patience) {
                case .report(let status):
                    return settle(job, status, nil)
                case .retry(let seconds):
                    var outcome = Outcome.again(after: seconds, because: "\(error)")
                    outcome.mayBeStored = isStored || !Self.leavesNothing(error)
                    return outcome
                case .postpone(let seconds):
                    return .postponed(seconds)
                }
            }
        }

        /// Whether an error tells that this try has not put the file at its place.
        private static func leavesNothing(_ error: any Error) -> Bool {
            error is TransferError || (error as? FileError)?.code == .busy
        }

        private func settle(_ job: Job, _ status: Status, _ result: Acquirer.Result?) -> Outcome {
            let isFailure = status.isFailure && result?.isUnwanted != true
            if isFailure {
                let location = job.post.location
                log.error("\(location.url): \(status.code) \(location.withoutRepeating(status.message))")
            } else {
                log.info("\(status.code) \(status.message)", ["path": "\(job.root)/\(job.place.relpath)"])
            }
            var outcome = Outcome(isFailure ? .failed : status.code == 304 || result?.isUnwanted == true ? .passed : .done)
            outcome.touchedRoot = result?.touchedRoot(job)
            outcome.bytes = result?.bytes ?? 0
            outcome.isWithinFile = job.post.block.map { outcome.result == .passed ? $0.number > 0 : result?.file == nil } ?? false
            if result?.cameInBlocks != true { outcome.reports = reporter?.report(status, on: job.post, seconds: job.age) ?? [] }
            if let file = result?.file {
                outcome.add(file, log, "\(job.root)/\(job.place.relpath)")
                outcome.reports += reporter?.report(file, on: job.post, seconds: job.age) ?? []
            }
            return outcome
        }
    }
}
