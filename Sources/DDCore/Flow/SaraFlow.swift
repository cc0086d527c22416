/// The way of a post through a switch: admitted, fetched, verified, stored below the document root, announced again from there,
/// reported.
public enum SaraFlow {
    /// What both halves need to know of the switch.
    public struct Plan: Sendable {
        /// This switch's name in the network.
        public var cluster: String
        /// Other names that mean this switch in `to_clusters`.
        public var aliases: [String]
        /// Posts come from sources' own exchanges: who posted is the owner of the exchange, whatever the message says.
        public var readsSources: Bool
        /// The document root.
        public var root: String
        /// The place of a file below it.
        public var placement: Placement
        /// The URL under which the document root is served, with its final `/`.
        public var url: String
        /// Where announcements go; `nil`: to the exchange of the post's source (`xd_<source>`).
        public var exchange: String?
        /// The accept and reject lines.
        public var rules: [SelectionRule]
        /// Makes reports.
        public var reporter: Reporter?
        /// Addresses that may be fetched from, for each source or for all.
        public var allowed: [AllowedURL]
        /// How large a block of a source may be, in bytes.
        public var blockSizes: ClosedRange<Int64> = 1...Int64.max
        /// Whether addresses of this machine may be fetched from though no `allow_url` names them.
        public var allowsLocal: Bool

        /// A plan.
        public init(
            cluster: String, aliases: [String] = [], readsSources: Bool, root: String, placement: Placement, url: String,
            exchange: String?, rules: [SelectionRule], reporter: Reporter?, allowed: [AllowedURL] = [],
            allowsLocal: Bool
        ) {
            self.cluster = cluster
            self.aliases = aliases
            self.readsSources = readsSources
            self.root = root
            self.placement = placement
            self.url = url
            self.exchange = exchange
            self.rules = rules
            self.reporter = reporter
            self.allowed = allowed
            self.allowsLocal = allowsLocal
        }

        /// What posts of `source` may be fetched from.
        func allowed(for source: String?) -> [AllowedURL] { allowed.filter { $0.source == nil || $0.source == source } }
    }

    /// Admits posts on the pump's thread.
    public final class Reader: Intake {
        private let plan: Plan
        private let selection: Selection
        private let log: Log

        /// A reader. Throws `ConfigError` for a bad pattern.
        public init(_ plan: Plan, log: Log) throws {
            self.plan = plan
            self.log = log
            selection = try Selection(plan.rules)
        }

        /// See `Intake`.
        public func consider(_ delivery: Delivery) -> Consideration {
            var post: Post
            do {
                post = try PostCodec.decode(delivery)
            } catch {
                log.warning("a message on \(delivery.exchange) that cannot be read is let go: \(error)")
                var outcome = Outcome(.failed)
                if plan.readsSources {
                    let post = Post(unreadable: delivery, of: Admission.sender(of: delivery), at: plan.cluster)
                    outcome.reports = plan.reporter?.report(Status(417, error.text), on: post, seconds: 0) ?? []
                }
                return .settled(outcome)
            }
            if let refusal = Admission.identify(&post, delivery, plan) { return settle(refusal, post) }
            guard case .accept = selection.decide(post.location.url) else { return .settled(Outcome(.passed)) }
            if let refusal = Admission.refusal(of: post, plan) { return settle(refusal, post) }
            do {
                return .work(Job(delivery: delivery, post: post, place: try plan.placement.place(for: post), root: plan.root))
            } catch {
                return settle(Status(403, error.description), post)
            }
        }

        private func settle(_ status: Status, _ post: Post) -> Consideration {
            log.warning("\(post.location.url): \(status.code) \(status.message)", ["source": post.source ?? ""])
            var outcome = Outcome(.failed)
            outcome.reports = plan.reporter?.report(status, on: post, seconds: 0) ?? []
            return .settled(outcome)
        }
    }

    /// Does one post on a worker's thread.
    public final class Doer: Worker {
        private let plan: Plan
        private let acquirer: Acquirer
        private let triggers: Triggers
        private let patience: Double
        private let log: Log

        /// A worker that fetches with `fetcher` and gives a post up after `patience` seconds of temporary failures.
        public init(
            _ plan: Plan, _ settings: AcquireSettings, fetcher: any Fetcher, triggers: Triggers, patience: Double, log: Log
        ) {
            self.plan = plan
            acquirer = Acquirer(settings, fetcher: fetcher) { post in
                FetchPolicy(allowed: plan.allowed(for: post.source), allowsLocal: plan.allowsLocal)
            }
            self.triggers = triggers
            self.patience = patience
            self.log = log
        }

        /// See `Worker`.
        public func process(_ job: Job) -> Outcome {
            do {
                if let refusal = try triggers.beforeFetch(job) { return settle(job, refusal) }
                let result = try acquirer.acquire(job, triggers)
                // A crash between storing and announcing must not end in silence: what may have been handled before is announced
                // again although its bytes are there. Winnowing downstream absorbs the double.
                guard result.isThere, result.changed || job.isRepeated else { return settle(job, result.status, result) }
                let isBlock = job.post.block != nil
                if !isBlock, let refusal = try triggers.afterFile(job, isRepeated: job.isRepeated) {
                    return settle(job, refusal, result)
                }
                let status = result.changed && !isBlock ? Status(201, "Published") : result.status
                var outcome = settle(job, status, result)
                outcome.announcements = [try announcement(of: job, result)]
                return outcome
            } catch let error as MessageError {
                return settle(job, Status(417, error.text))
            } catch {
                switch Verdict.on(error, attempt: job.attempt, age: job.age, patience: patience) {
                case .report(let status):
                    return settle(job, status)
                case .retry(let seconds):
                    log.warning("\(error); trying again in \(String(seconds: seconds)) s")
                    return .again(after: seconds)
                case .postpone(let seconds):
                    return .postponed(seconds)
                }
            }
        }

        private func announcement(of job: Job, _ result: Acquirer.Result) throws -> Outgoing {
            var post = job.post
            post.location = Location(base: plan.url, relpath: job.place.relpath)
            post.subtopic = Topic.subtopic(ofRelpath: job.place.relpath)
            post.postedAs = post.postedAs ?? job.post.location.relpath
            post.fromCluster = post.fromCluster ?? plan.cluster
            post.via.append(plan.cluster)
            post.rename = nil
            // The next hop need not wait for the whole file.
            post.retrieve = try result.unfinishedName.map { try job.place.renamed($0).relpath }
            if let part = result.partName { post.location.relpath = try job.place.renamed(part).relpath }
            if let sum = result.sum, case .file(let parts, _) = post.event { post.event = .file(parts, sum) }
            let exchange = plan.exchange ?? post.source.map { ExchangeName.data(of: $0) } ?? ExchangeName.publicPosts
            return Outgoing(try PostCodec.encode(post), to: exchange, lane: .announcements)
        }

        private func settle(_ job: Job, _ status: Status, _ result: Acquirer.Result? = nil) -> Outcome {
            if status.isFailure {
                log.error("\(job.post.location.url): \(status.code) \(status.message)", ["source": job.post.source ?? ""])
            } else {
                log.info("\(status.code) \(status.message)", ["path": job.place.relpath])
            }
            var outcome = Outcome(status.isFailure ? .failed : status.code == 304 ? .passed : .done)
            outcome.touchedRoot = result?.changed == true ? job.root : nil
            outcome.bytes = result?.bytes ?? 0
            outcome.reports = plan.reporter?.report(status, on: job.post, seconds: job.age) ?? []
            if let file = result?.file {
                outcome.add(file, log, job.place.relpath)
                outcome.reports += plan.reporter?.report(file, on: job.post, seconds: job.age) ?? []
            }
            return outcome
        }
    }
}
