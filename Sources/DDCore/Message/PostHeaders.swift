/// The headers of a post or report, sorted by name but not yet understood.
struct PostHeaders {
    /// Log messages only: the status in words.
    private(set) var message: String?
    private var parts, sum, link: String?
    private var source, fromCluster, toClusters, to: String?
    private var mtime, atime, mode: String?
    private var rename, oldname, newname, postedAs, retrieve, inBlocks: String?
    private var flow, via, toUsers, traceRoute, permit: String?
    private var unknown: Headers = [:]

    /// Sorts `headers`; those that the broker acts on are dropped. Throws `text` when one holds control characters.
    init(_ headers: Headers) throws(MessageError) {
        for (name, value) in headers.fields {
            try ControlCharacters.refuse(in: value, "the value of the header \(MessageError.quote(name)),")
            if let place = Self.place(name) {
                // An empty header is an absent one: some tools write `parts` so for directories.
                if !value.isEmpty {
                    self[keyPath: place] = value
                } else if name == "to_users" || name == "permit" {
                    // No tool of the field writes them, and without them the post is for all.
                    throw HeaderList.namesNobody(name)
                }
            } else if !Self.isBrokers(name) {
                guard 1...255 ~= name.utf8.count else {
                    throw MessageError(
                        .header,
                        name.isEmpty
                            ? "the name of a header is empty"
                            : "the header name \(MessageError.quote(name)) has \(name.utf8.count) bytes: at most 255 can be sent on"
                    )
                }
                try ControlCharacters.refuse(in: name, "the header name")
                unknown[name] = value
            }
        }
    }

    /// The post that has these headers.
    func post(_ subtopic: String, _ line: BodyLine) throws(MessageError) -> Post {
        var post = Post(time: line.time, location: line.location, event: try event(), subtopic: subtopic)
        post.source = source
        post.fromCluster = fromCluster
        post.toClusters = try Self.names(toClusters ?? to, "to_clusters")
        if let mtime { post.mtime = try Timestamp(wire: mtime) }
        if let atime { post.atime = try Timestamp(wire: atime) }
        if let mode { post.mode = try FileMode.read(mode) }
        post.rename = rename
        post.oldname = oldname
        post.newname = newname
        post.flow = flow
        post.via = try Self.names(via, "via")
        post.postedAs = postedAs
        post.retrieve = retrieve
        post.inBlocks = try inBlocks.map(Self.parts)
        post.toUsers = try Self.names(toUsers, "to_users")
        post.isProbe = traceRoute != nil
        if let permit { post.permit = try Permit(wire: permit) }
        post.unknown = unknown
        return post
    }

    /// What `sum` says, with `parts` and `link`. `parts` of an event has no meaning, and some tools write nonsense there.
    private func event() throws(MessageError) -> Post.Event {
        guard let sum else { return .file(try parts.map(Self.parts), .none("")) }
        return switch EventSum(wire: sum) {
        case .link: .link(target: link)
        case .removed: .removed
        case .directory: .directory
        case .directoryRemoved: .directoryRemoved
        case nil: .file(try parts.map(Self.parts), try Sum(wire: sum))
        }
    }

    private static func names(_ wire: String?, _ header: String) throws(MessageError) -> [String] {
        guard let wire else { return [] }
        return try HeaderList.read(wire, of: header)
    }

    private static func parts(_ wire: String) throws(MessageError) -> Parts {
        try Parts(wire: wire)
    }

    /// Whether the header called `name` is one of ours.
    static func isKnown(_ name: String) -> Bool { place(name) != nil }

    /// Where the header called `name` is kept; `nil` when it is not one of ours.
    private static func place(_ name: String) -> WritableKeyPath<PostHeaders, String?>? {
        switch name {
        case "parts": \.parts
        case "sum": \.sum
        case "mtime": \.mtime
        case "atime": \.atime
        case "mode": \.mode
        case "source": \.source
        case "from_cluster": \.fromCluster
        case "to_clusters": \.toClusters
        case "to": \.to
        case "link": \.link
        case "rename": \.rename
        case "oldname": \.oldname
        case "newname": \.newname
        case "flow": \.flow
        case "message": \.message
        case "via": \.via
        case "posted_as": \.postedAs
        case "retrieve": \.retrieve
        case "in_blocks": \.inBlocks
        case "to_users": \.toUsers
        case "trace_route": \.traceRoute
        case "permit": \.permit
        default: nil
        }
    }

    /// Whether the broker would act on the header: `CC`, `BCC` and names that begin with `x-`, in upper or lower case.
    private static func isBrokers(_ name: String) -> Bool {
        let lower = name.utf8.prefix(4).map { $0 | 32 }
        return lower == Array("cc".utf8) || lower == Array("bcc".utf8) || lower.starts(with: "x-".utf8)
    }
}

extension PostHeaders {
    /// The headers of `post`. Throws when one of them could not be read again.
    static func write(_ post: Post) throws(MessageError) -> Headers {
        var headers: Headers = [:]
        func put(_ name: String, _ value: String?) throws(MessageError) {
            guard let value, !value.isEmpty else { return }
            try ControlCharacters.refuse(in: value, "the value of the header '\(name)',")
            headers.append(name, value)
        }
        try put("source", post.source)
        try put("from_cluster", post.fromCluster)
        try put("to_clusters", try HeaderList.write(post.toClusters))
        try put("mtime", post.mtime?.wire)
        try put("atime", post.atime?.wire)
        if let mode = post.mode { try put("mode", try FileMode.write(mode)) }
        switch post.event {
        case .file(let parts, let sum):
            if case .digest(let algorithm, let bytes) = sum, bytes.count != algorithm.byteCount {
                throw MessageError(.sum, "cannot write a sum of \(bytes.count) bytes: \(algorithm) has \(algorithm.byteCount)")
            }
            try put("parts", parts?.wire)
            try put("sum", sum.wire)
        case .link(let target):
            try put("link", target)
            try put("sum", try EventSum.link.wire(of: target ?? post.location.fileName))
        case .removed: try put("sum", try EventSum.removed.wire(of: post.location.fileName))
        case .directory: try put("sum", try EventSum.directory.wire(of: post.location.fileName))
        case .directoryRemoved: try put("sum", try EventSum.directoryRemoved.wire(of: post.location.fileName))
        }
        try put("rename", post.rename)
        try put("oldname", post.oldname)
        try put("newname", post.newname)
        try put("flow", post.flow)
        try put("via", try HeaderList.write(post.via))
        try put("posted_as", post.postedAs)
        try put("retrieve", post.retrieve)
        try put("in_blocks", post.inBlocks?.wire)
        try put("to_users", try HeaderList.write(post.toUsers))
        try put("trace_route", post.isProbe ? "on" : nil)
        try put("permit", post.permit?.wire)
        for (name, value) in post.unknown.fields where place(name) == nil && !isBrokers(name) {
            guard 1...255 ~= name.utf8.count, !ControlCharacters.occur(in: name) else {
                throw MessageError(
                    .header, "cannot write the header name \(MessageError.quote(name)): it must have 1 to 255 printable bytes")
            }
            try ControlCharacters.refuse(in: value, "the value of the header '\(name)',")
            headers.append(name, value)
        }
        return headers
    }
}
