/// What a post of the form v03 announces (`fileOp`, `identity`, `size`, `blocks`), in the words of v02.
struct V03Event {
    /// The header `sum`.
    let sum: String
    /// The header `parts`, `nil` of events and where neither size nor blocks are said.
    let parts: String?
    /// The target of a link.
    let link: String?
    /// The former path of a rename.
    let oldname: String?

    /// Reads the object. Throws `sum`, `parts` or `body`.
    init(_ body: JSONValue) throws(MessageError) {
        let operation = try Self.operation(body)
        let identity = body["identity"] ?? body["integrity"]
        let method = identity?["method"]?.string
        oldname = try Self.path("rename", operation?["rename"])
        let isDirectory = operation?["directory"] != nil || operation?["mkdir"] != nil
        if operation?["remove"] != nil || operation?["rmdir"] != nil || method == "remove" {
            (sum, parts, link) = (isDirectory || operation?["rmdir"] != nil ? "r," : "R,", nil, nil)
        } else if operation?["link"] != nil || method == "link" {
            (sum, parts, link) = ("L,", nil, try Self.path("link", operation?["link"] ?? body["link"]))
        } else if isDirectory {
            (sum, parts, link) = ("m,", nil, nil)
        } else {
            let known = ["rename", "hlink"]
            if let other = operation?.members?.first(where: { !known.contains($0.name) }) {
                throw MessageError(.body, "cannot read the body: file operation \(MessageError.quote(other.name)) is not known")
            }
            (sum, parts, link) = (try identity == nil ? Self.olderSum(body) : Self.sum(identity), try Self.parts(body), nil)
        }
    }

    private static func operation(_ body: JSONValue) throws(MessageError) -> JSONValue? {
        switch body["fileOp"] {
        case nil, .null?: return nil
        case .object?: return body["fileOp"]
        default: throw MessageError(.body, "cannot read the body: fileOp must be an object")
        }
    }

    private static func path(_ name: String, _ value: JSONValue?) throws(MessageError) -> String? {
        switch value {
        case nil, .null?: return nil
        case .string(let path)?: return path
        default: throw MessageError(.body, "cannot read the body: \(name) must be a string")
        }
    }

    /// The first versions left the v02 headers as they were.
    private static func olderSum(_ body: JSONValue) throws(MessageError) -> String {
        try body["sum"].map { HeaderValue($0) }?.wire(of: "sum") ?? "0,"
    }

    private static func sum(_ identity: JSONValue?) throws(MessageError) -> String {
        guard let identity else { return "0," }
        guard let method = identity["method"]?.string, let value = identity["value"]?.string else {
            throw MessageError(.sum, "cannot read the identity: it needs method and value, both strings")
        }
        switch method {
        case "md5": return try hexadecimal("d", value)
        case "sha512": return try hexadecimal("s", value)
        case "md5name", "sha512name": return try hexadecimal("n", value)
        case "random", "none": return "0,\(value)"
        case "arbitrary": return "a,\(value)"
        case "cod":
            guard let algorithm = ["md5": "d", "sha512": "s"][value] else {
                throw MessageError(.sum, "cannot read the identity: \(MessageError.quote(value)) cannot be computed on arrival")
            }
            return "z,\(algorithm)"
        default: throw MessageError(.sum, "cannot read the identity: method \(MessageError.quote(method)) is not known")
        }
    }

    private static func hexadecimal(_ method: String, _ value: String) throws(MessageError) -> String {
        guard let bytes = Base64.bytes(value) else {
            throw MessageError(.sum, "cannot read the identity: \(MessageError.quote(value)) is not base64")
        }
        return Hexadecimal.text(bytes, after: method + ",")
    }

    private static func parts(_ body: JSONValue) throws(MessageError) -> String? {
        // The first versions left the v02 headers as they were.
        if let parts = try body["parts"].map({ HeaderValue($0) })?.wire(of: "parts"), !parts.isEmpty { return parts }
        guard let blocks = body["blocks"] else {
            guard let size = body["size"] else { return nil }
            return "1,\(try number(size, "size"))"
        }
        let methods = ["inplace": "i", "partitioned": "p"]
        guard let method = blocks["method"]?.string.flatMap({ methods[$0] }) else {
            throw MessageError(.parts, "cannot read the blocks: the method must be inplace or partitioned")
        }
        let size = try number(blocks["size"], "size")
        let (count, remainder) = try layout(blocks, size)
        return "\(method),\(size),\(count),\(remainder),\(try number(blocks["number"], "number"))"
    }

    /// How many blocks there are and what is left for the last: said outright, or to be seen from the list of all blocks.
    private static func layout(_ blocks: JSONValue, _ size: Int64) throws(MessageError) -> (count: Int64, remainder: Int64) {
        if let count = blocks["count"] { return (try number(count, "count"), try number(blocks["remainder"], "remainder")) }
        let manifest = blocks["manifest"]?.members ?? []
        guard let last = manifest.last, let index = Int(last.name), index == manifest.count - 1 else {
            throw MessageError(.parts, "cannot read the blocks: neither their count nor the list of all of them is said")
        }
        let length = try number(last.value["size"], "size")
        return (Int64(manifest.count), length == size ? 0 : length)
    }

    /// Numbers are written as such or in quotes.
    private static func number(_ value: JSONValue?, _ name: String) throws(MessageError) -> Int64 {
        guard let number = value?.integer ?? value?.string.flatMap({ Int64($0) }), number >= 0 else {
            throw MessageError(.parts, "cannot read the blocks or size: \(name) must be a whole number, 0 or more")
        }
        return number
    }
}
