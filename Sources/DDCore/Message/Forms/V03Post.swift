/// Posts of the form v03: a JSON object in the body. Read only; a switch announces them again as v02.
///
/// Understood by turning them into the headers of v02, so that both forms pass the same checks.
enum V03Post {
    /// The longest body that is read, in bytes: with a list of all blocks some 8,000 of them.
    static let maxBytes = 1 << 20
    /// The most members that the object may have.
    static let maxMembers = 255

    /// Reads one. The error's code says which part is wrong.
    static func decode(_ message: WireMessage) throws(MessageError) -> Post {
        let body = try object(message.body)
        guard let time = body["pubTime"]?.string, let base = body["baseUrl"]?.string, let path = body["relPath"]?.string else {
            throw MessageError(.body, "cannot read the body: pubTime, baseUrl and relPath must be in it, each a string")
        }
        let length = base.utf8.count + path.utf8.count
        guard length <= BodyLine.maxBytes else { throw BodyLine.tooLong(length) }
        let relpath = try name(path)
        let subtopic = try subtopic(message.topic, relpath)
        let (location, rename) = try location(
            try BodyLine.base(base), relpath, retrieve: try retrieve(body))
        let line = BodyLine(time: try Timestamp(wire: time), location: location)
        var post = try PostHeaders(try headers(body)).post(subtopic, line)
        post.rename = post.rename ?? rename
        return post
    }

    private static func object(_ text: String) throws(MessageError) -> JSONValue {
        guard text.utf8.count <= maxBytes else {
            throw MessageError(.body, "cannot read the body: \(text.utf8.count) bytes are more than \(maxBytes)")
        }
        do {
            // The C tool breaks lines inside a checksum.
            let value = try JSONParser.parse(text, allowsLineBreaksInStrings: true)
            guard (value.members?.count ?? .max) <= maxMembers else {
                throw MessageError(.body, "cannot read the body: it is no JSON object of at most \(maxMembers) members")
            }
            var names: Set<String> = []
            for member in value.members ?? [] where !names.insert(member.name).inserted {
                throw MessageError(.body, "cannot read the body: the member \(MessageError.quote(member.name)) comes twice")
            }
            return value
        } catch let error as MessageError {
            throw error
        } catch {
            throw MessageError(
                .body, "cannot read the body: \(error); some tools write a name with '\"' or '\\' so: rename it, or post with v02"
            )
        }
    }

    /// The oldest writer of v03 begins the path with a slash and encodes space and `#`; the others leave everything as it is.
    private static func name(_ path: String) throws(MessageError) -> String {
        try ControlCharacters.refuse(in: path, "the name")
        guard path.utf8.first == UInt8(ascii: "/") else { return path }
        return Percent.decodeSpacesAndHashes(path)
    }

    private static func subtopic(_ topic: String, _ relpath: String) throws(MessageError) -> String {
        if Topic.words(of: topic, after: "v03.report") != nil, !relpath.utf8.starts(with: "report/".utf8) {
            throw MessageError(
                .topic, "cannot read a message with the topic \(MessageError.quote(topic)): it is a report, not a post")
        }
        // `v03.post.` is either another beginning or a directory called post.
        let isDirectory = relpath.utf8.starts(with: "post/".utf8)
        return isDirectory
            ? try Topic.subtopic(of: topic, after: "v03", "v02.post")
            : try Topic.subtopic(of: topic, after: "v03.post", "v03", "v02.post")
    }

    private static func retrieve(_ body: JSONValue) throws(MessageError) -> String? {
        switch body["retrievePath"] ?? body["retPath"] {
        case .string(let path)?: return path
        case nil, .null?: return nil
        default: throw MessageError(.body, "cannot read the body: the path to retrieve must be a string")
        }
    }

    /// `retrievePath` is where to fetch it from, when that is another path than where it goes.
    private static func location(_ base: String, _ relpath: String, retrieve: String?) throws(MessageError) -> (Location, String?)
    {
        let plain = Location(base: base, relpath: relpath)
        guard let retrieve, !retrieve.isEmpty else { return (plain, nil) }
        try ControlCharacters.refuse(in: retrieve, "the path to retrieve")
        let there = Location(base: base, relpath: retrieve)
        return there.relpath.utf8.elementsEqual(plain.relpath.utf8) ? (plain, nil) : (there, plain.relpath)
    }

    /// The object's members as v02 has them. Strings that are not known travel on; what is no string does not, but a member that has the
    /// name of a header of ours is understood or refused.
    private static func headers(_ body: JSONValue) throws(MessageError) -> Headers {
        var headers: Headers = [:]
        for member in body.members ?? [] {
            guard !isOwn(member.name), let text = try HeaderValue(member.value).wire(of: member.name) else { continue }
            headers[member.name] = text
        }
        let event = try V03Event(body)
        headers["sum"] = event.sum
        if let parts = event.parts { headers["parts"] = parts }
        if let target = event.link { headers["link"] = target }
        if let oldname = event.oldname { headers["oldname"] = oldname }
        return headers
    }

    private static func isOwn(_ name: String) -> Bool {
        // A name with an underscore in front is a note of its program to itself.
        ["pubTime", "baseUrl", "relPath", "retrievePath", "retPath", "size", "sum", "message"].contains(name)
            || name.utf8.first == UInt8(ascii: "_")
    }
}
