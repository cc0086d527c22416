import Glibc

extension Quarantine {
    /// Puts a file that was kept aside back to its place, announces and reports it as it would have been, and forgets it in the quarantine
    /// when the broker has both. What is cut off is done again by the next call.
    public func release(_ item: Item, _ options: SaraOptions) throws {
        try putBack(item, to: DocumentRoot(options.documentRoot))
        let post = try PostCodec.decode(item.announcement)
        try Self.publish(on: BrokerSettings(options.outlet.broker, options.common), options.common.log) { sendTo in
            func send(_ message: WireMessage, _ exchange: String) throws {
                try sendTo(message, exchange)
                for copy in item.copies {
                    var other = message
                    other.headers["to_clusters"] = copy.toClusters
                    try sendTo(other, copy.exchange)
                }
            }
            guard case .file(let parts?, let sum) = post.event, post.block != nil, parts.count > 1 else {
                return try send(item.announcement, item.exchange)
            }
            let released = try ReleasedBlocks("\(options.documentRoot)/\(item.relpath)", parts, sum)
            try released.posts(like: post) { try send(PostCodec.encode($0, topicPrefix: Topic.ofBlocks), item.exchange) }
            if let whole = try released.whole(like: post) { try send(PostCodec.encode(whole), item.exchange) }
        }
        if options.logBack {
            let reports = Reporter(options).report(Status(201, "Published, after it was kept aside"), on: post, seconds: 0)
            try Self.publish(on: BrokerSettings(options.intake.broker, options.common), options.common.log) { send in
                for report in reports { try send(report.message, report.exchange) }
            }
        }
        try forget(item)
    }

    /// Publishes what `body` sends, and waits until the broker has confirmed it.
    private static func publish(
        on settings: BrokerSettings, _ log: Log, _ body: (_ send: (WireMessage, String) throws -> Void) throws -> Void
    ) throws {
        let sender = try ConfirmedSender(on: settings, log)
        try body { message, exchange in try sender.send(Outgoing(message, to: exchange, lane: .announcements, ifMissing: .wait)) }
        sender.close()
    }
}

/// The blocks of a file that was kept aside and is back at its place. They were announced as they came; who asked for one after the file was
/// taken away found nothing, so all are announced once more. Memory does not grow with the file.
private struct ReleasedBlocks {
    private let path: String
    private let state: FileState
    private let plan: BlockPlan
    private let method: Parts.Method
    private let sum: Sum
    private let reader: BlockReader?

    /// The file at `path`, one of whose blocks was announced with `parts` and `sum`. Throws when it is not that file.
    init(_ path: String, _ parts: Parts, _ sum: Sum) throws {
        var info = stat()
        guard lstat(path, &info) == 0 else { throw FileError("cannot look at \(path)") }
        self.path = path
        self.sum = sum
        method = parts.method
        state = FileState(info)
        plan = try BlockPlan(size: state.size, blockSize: parts.blockSize)
        reader = try sum.algorithm.map { try BlockReader($0) }
        guard plan.count == parts.count, try self.sum(of: parts) == sum else {
            throw FileError(.notAllowed, "\(path) is not the file that was kept aside: remove it, and have it posted again")
        }
    }

    /// Calls `each` with the post of each block: `post` in all else.
    func posts(like post: Post, _ each: (Post) throws -> Void) throws {
        var post = post
        for number in 0..<plan.count {
            let parts = try plan.parts(number, method: method)
            post.event = .file(parts, try sum(of: parts))
            try each(post)
        }
    }

    /// The post of the whole file.
    func whole(like post: Post) throws(MessageError) -> Post? { try post.asWhole(size: state.size, sum: .compute(.md5)) }

    private func sum(of parts: Parts) throws -> Sum {
        guard case .digest(let algorithm, _) = sum, let reader else { return sum }
        return .digest(algorithm, try reader.digests(of: [parts], in: path, state, mayGrow: false)[0])
    }
}
