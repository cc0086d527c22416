/// Says what would become of posts: which line of the configuration decides, and where the file would go. For one thread.
public struct Explainer {
    /// What would be done with a post that the rules accept, and for which they name this directory: lines of a word and what it means.
    /// Throws what refuses it.
    typealias Judgement = (Post, _ directory: String?) throws(FileError) -> [(String, String)]

    private let selection: Selection
    private let judge: Judgement

    /// Throws `ConfigError` for a bad pattern.
    init(_ rules: [SelectionRule], _ judge: @escaping Judgement) throws(ConfigError) {
        selection = try Selection(rules)
        self.judge = judge
    }

    /// `take`, `leave` or `refuse` and the URL as patterns see it; the rule; the place, or why there is none. What is in a name from the wire
    /// and would steer a terminal is escaped, as in the log.
    public func text(_ post: Post) -> String {
        lines(post).map { LogLine.plain($0) + "\n" }.joined()
    }

    private func lines(_ post: Post) -> [String] {
        let url = post.location.url
        let rule = "       rule   \(selection.reason(for: url))"
        guard case .accept(let directory) = selection.decide(url) else { return ["leave  \(url)", rule] }
        do throws(FileError) {
            let facts = try judge(post, directory).map { word, meaning in
                "       \(word)\(String(repeating: " ", count: max(1, 7 - word.utf8.count)))\(meaning)"
            }
            return ["take   \(url)", rule] + facts
        } catch {
            return ["refuse \(url)", rule, "       why    \(error)"]
        }
    }

    /// The same of a post that would announce a plain file there.
    func text(_ location: Location) -> String {
        text(Post(time: .now(), location: location, event: .file(nil, .none("0"))))
    }

    /// What becomes of the files that `--path` names.
    public func text(_ locations: [Location]) -> String { locations.map(text).joined() }
}

extension Explainer {
    /// What dd_subscribe and dd_sender do: `root` is the place of what no rule names a directory for.
    public init(_ plan: SubscribePlan, root: String) throws(ConfigError) {
        try self.init(plan.rules) { (post, directory) throws(FileError) in
            [("place", "\(directory ?? root)/\(try plan.placement.place(for: post).relpath)")]
        }
    }

    /// What dd_sara does. Whose a file is that `--path` names is said by the `allow_url` lines, and where these are only on the broker
    /// (`control on`), it is not known.
    public init(_ plan: SaraPlan, _ options: SaraOptions) throws(ConfigError) {
        try self.init(plan.rules) { (post, _) throws(FileError) in
            var post = post
            let url = try? URLParts(post.location.encodedURL)
            let allowed = options.allowedURLs.first { allowed in url.map(allowed.covers) ?? false }
            if plan.readsSources {
                guard allowed != nil || options.admission.control else {
                    throw FileError(.notAllowed, "no allow_url covers it")
                }
                post.source = allowed?.source ?? "SOURCE"
                post.fromCluster = plan.cluster
            }
            if let status = plan.limits.refusal(of: post, blockSizes: nil) { throw FileError(.notAllowed, status.message) }
            if plan.link != nil {
                return [("place", "\(plan.root)/… as its switch has stored it, its source's folder called SOURCE@CLUSTER")]
            }
            let place = try plan.placement.place(for: post)
            var facts = [("place", "\(plan.root)/\(place.relpath)"), ("url", "\(plan.url)\(place.relpath)")]
            facts.append(("post", "\(plan.exchange(for: post)) on \(options.outlet.broker)"))
            if plan.readsSources, allowed == nil {
                facts.append(
                    ("source", "whose it is, and whether it may be fetched from there, says the broker (dd_switch user show)"))
            }
            return facts
        }
    }
}

/// Reads posts and has each explained; nothing is fetched. Its queue is one of its own.
public final class ExplainIntake: PostIntake {
    private let log: Log
    private let explain: (Post) -> Void

    /// An intake that hands each post to `explain`.
    public init(log: Log, explain: @escaping (Post) -> Void) { (self.log, self.explain) = (log, explain) }

    /// See `Intake`.
    public func consider(_ delivery: Delivery) -> Consideration {
        do {
            return consider(try PostCodec.decode(delivery), delivery)
        } catch {
            log.warning("a message that cannot be read is dropped (\(delivery.which())): \(error)")
            return .settled(Outcome(.failed))
        }
    }

    /// See `PostIntake`.
    public func consider(_ post: Post, _ delivery: Delivery) -> Consideration {
        explain(post)
        return .settled(Outcome(.done))
    }
}

/// Writes what is to be seen of posts to standard output, as each comes. When nobody reads it any more, the program leaves: what could not
/// be written stays in the queue.
public final class PostPrinter {
    private var output = OutputLines()
    private let log: Log

    /// A printer whose faults go to `log`.
    public init(_ log: Log) { self.log = log }

    /// Writes it.
    public func print(_ text: String) {
        output.write(text)
        output.flush()
        if let failure = output.failure { log.error("\(failure): what could not be printed stays in the queue") }
        if output.isClosed { Program.leave(output.failure == nil ? ExitStatus.done : ExitStatus.system) }
    }
}
