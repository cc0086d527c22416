/// The name of a part file: one block of a file in a file of its own.
///
///     model.grib  block 2 of 3, 4096 bytes each, the last 17 long, MD5  ->  model.grib.4096.3.17.2.d.Part
///
/// The form is the field's. Pure.
public struct PartName: Sendable, Equatable {
    /// The name of the file that the block belongs to.
    public let file: String
    /// Which block; its method is `p`.
    public let parts: Parts
    /// The method of the block's checksum, as in the header `sum`.
    public let sumMethod: String

    /// The name of the block `parts` of `file`; whatever the method of `parts`, the name's is `p`. Throws `parts` for a whole file
    /// of no bytes, which has no block.
    public init(file: String, parts: Parts, sum: Sum) throws(MessageError) {
        self.file = file
        self.parts = try Parts(
            method: .partfile, blockSize: parts.blockSize, count: parts.count, remainder: parts.remainder, number: parts.number)
        // By bytes: a comma with a combining mark behind it is another character to Swift.
        sumMethod = String(decoding: sum.wire.utf8.prefix { $0 != UInt8(ascii: ",") }, as: UTF8.self)
    }

    /// Takes a name apart; `nil` when it is not the name of a part file.
    public init?(_ name: String) {
        // By bytes: what looks like a digit or a dot with a combining mark behind it is neither.
        let words = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard words.count > 6, let last = words.last, last.elementsEqual("Part".utf8) else { return nil }
        let tail = words.suffix(6).map { String(Substring($0)) }
        let head = words.dropLast(6).map { String(Substring($0)) }
        let wire = "p,\(tail[0]),\(tail[1]),\(tail[2]),\(tail[3])"
        guard let parts = try? Parts(wire: wire), parts.wire == wire, !tail[4].isEmpty else { return nil }
        file = head.joined(separator: ".")
        guard !file.isEmpty else { return nil }
        self.parts = parts
        sumMethod = tail[4]
    }

    /// The name.
    public var text: String {
        "\(file).\(parts.blockSize).\(parts.count).\(parts.remainder).\(parts.number).\(sumMethod).Part"
    }
}

extension Post {
    /// The part file that the post's URL names: a block of method `p` whose path ends in its own part name. `nil` for all others: their
    /// bytes are inside the file that the URL names.
    public var partName: PartName? {
        guard case .file(let parts?, _) = event, parts.method == .partfile, let name = PartName(location.fileName),
            name.parts == parts
        else { return nil }
        return name
    }

    /// The block of a file that the post is about; `nil` when it is about a whole file or none.
    public var block: Parts? {
        guard case .file(let parts?, _) = event, parts.method != .whole, parts.count > 1 || partName != nil else { return nil }
        return parts
    }
}
