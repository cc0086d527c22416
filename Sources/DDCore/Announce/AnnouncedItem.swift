extension Announcer {
    /// A post on its way.
    struct Item {
        let message: WireMessage
        /// The line that is printed when it is confirmed.
        let line: String
        /// Whatever the poster knows it by.
        var tag = 0
    }

    /// What became of a post.
    enum Fate {
        /// The broker has it, and a queue took it where that was asked for.
        case confirmed
        /// The broker has it, but no queue takes it (`mandatory`).
        case unroutable(String)
        /// It cannot be sent, or the broker ends each connection over it.
        case unsendable(String)
    }
}

extension Announcer.Item {
    /// A post as it is sent and printed: its URL, `parts` and `sum`, separated by tabs; signed where there is a key. Throws when it cannot be
    /// written down.
    init(_ post: Post, topicPrefix: String, signingKey: [UInt8]? = nil) throws(MessageError) {
        var post = post
        if let signingKey {
            do { try post.sign(with: signingKey) } catch { throw MessageError(.header, "it cannot be signed: \(error)") }
        }
        message = try PostCodec.encode(post, topicPrefix: topicPrefix)
        line = "\(post.location.encodedURL)\t\(message.headers["parts"] ?? "")\t\(message.headers["sum"] ?? "")\n"
    }

    /// What is wrong with its `fate`, in words; `nil` when nothing is. `exchange` is where it was sent.
    func fault(_ fate: Announcer.Fate, on exchange: String) -> String? {
        let url = line.prefix { $0 != "\t" }
        switch fate {
        case .confirmed: return nil
        case .unsendable(let reason): return "\(url) cannot be posted: \(reason)"
        case .unroutable(let reason):
            return "no queue takes \(url) (\(reason)): nobody on \(exchange) is subscribed to \(message.topic)"
        }
    }
}
