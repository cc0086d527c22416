/// What a sealed file says of itself, to its readers only and signed by its source: whose it is, for whom, and what each of its blocks holds.
///
/// Lines of a name and a value, in this order; it is what `age -d` shows of a sealed file's beginning:
///
///     dd-sealed/1
///     source alice@a
///     path radar/secret/f
///     time 20261127100000.5
///     size 2097200
///     block 1048576
///     key <64 hexadecimal digits>
///     to age1...,age1...
///     blocks <64 digits for each, with commas between>
///     signature <base64 of 64 bytes, over all lines before>
struct SealedManifest: Equatable {
    /// Who sealed it, as readers pin the key: `alice@a`.
    var source: String
    /// Its path as the source announces it, without the suffix.
    var path: String
    /// When the file was changed last.
    var time: Timestamp
    /// Bytes of the file.
    var size: Int64
    /// Bytes of a block of the sealed file, the tag included.
    var blockSize: Int64
    /// The key from which those of the blocks are made; 32 bytes.
    var key: [UInt8]
    /// For whom it is, sorted.
    var readers: [String]
    /// A keyed digest of each block's text (`SealedBlocks.mark`).
    var marks: [[UInt8]]

    private static let version = "dd-sealed/1"

    /// Bytes of a file in a block of a sealed one.
    var textSize: Int64 { blockSize - Int64(Primitives.tagCount) }

    /// How many blocks a file of `size` bytes has; one at least.
    static func count(_ size: Int64, textSize: Int64) -> Int64 { max(1, (size + textSize - 1) / textSize) }

    private var unsigned: String {
        let lines = [
            Self.version, "source \(source)", "path \(path)", "time \(time.wire)", "size \(size)", "block \(blockSize)",
            "key \(Hexadecimal.text(key))", "to \(readers.joined(separator: ","))",
            "blocks \(marks.map { Hexadecimal.text($0) }.joined(separator: ","))",
        ]
        return lines.map { $0 + "\n" }.joined()
    }

    /// The text, signed with an Ed25519 secret.
    func text(signedWith secret: [UInt8]) throws -> [UInt8] {
        let text = Array(unsigned.utf8)
        return text + Array("signature \(Base64.text(try Primitives.sign(text, with: secret)))\n".utf8)
    }

    /// Reads a text. `signers` are the keys of sources; throws when the source is none of them, or has not signed this.
    init(_ text: [UInt8], signers: [String: [UInt8]]) throws {
        guard let string = String(validating: text, as: UTF8.self) else { throw Self.bad("it is no text") }
        var lines = string.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.popLast() == "", lines.count == 10, lines[0] == Self.version else { throw Self.bad("it has another form") }
        func value(_ number: Int, _ name: String) throws -> String {
            guard lines[number].hasPrefix(name + " ") else { throw Self.bad("'\(name)' is missing") }
            return String(lines[number].dropFirst(name.count + 1))
        }
        source = try value(1, "source")
        path = try value(2, "path")
        guard let key = signers[source] else {
            throw CryptoError(
                description: "it says that \(LogLine.plain(source)) has sealed it, whose key is not among the signers")
        }
        guard let signature = Base64.bytes(try value(9, "signature")),
            Primitives.verify(signature, of: lines[..<9].flatMap { Array(($0 + "\n").utf8) }, by: key)
        else { throw CryptoError(description: "\(LogLine.plain(source)) has not signed it") }
        time = try Timestamp(wire: try value(3, "time"))
        guard let size = Int64(try value(4, "size")), size >= 0, let block = Int64(try value(5, "block")),
            64...Int64(1 << 40) ~= block, let content = Hexadecimal.bytes(try value(6, "key"), count: 32)
        else { throw Self.bad("size, block or key") }
        (self.size, blockSize, self.key) = (size, block, content)
        readers = try value(7, "to").split(separator: ",").map(String.init)
        marks = try value(8, "blocks").split(separator: ",").map { digits in
            guard let mark = Hexadecimal.bytes(digits, count: 32) else { throw Self.bad("a block's digest") }
            return mark
        }
        guard Int64(marks.count) == Self.count(size, textSize: textSize) else { throw Self.bad("the number of blocks") }
    }

    init(
        source: String, path: String, time: Timestamp, size: Int64, blockSize: Int64, key: [UInt8], readers: [String],
        marks: [[UInt8]]
    ) {
        (self.source, self.path, self.time, self.size) = (source, path, time, size)
        (self.blockSize, self.key, self.readers, self.marks) = (blockSize, key, readers, marks)
    }

    private static func bad(_ why: String) -> CryptoError {
        CryptoError(description: "what it says of itself cannot be read: \(why)")
    }
}

/// The blocks of a sealed file. Equal texts at the same place of one file, under one key, are equal sealed, so that transfers of what changed,
/// checksums and resuming work on what is sealed; nothing else of them shows.
struct SealedBlocks {
    private let key: [UInt8]
    private let marking: [UInt8]
    private let count: Int64

    /// Those of a file with the content key `key` and so many blocks.
    init(key: [UInt8], count: Int64) throws {
        (self.key, self.count) = (key, count)
        marking = try Primitives.derive(key, salt: [], info: Array("dd seal mark".utf8))
    }

    /// The keyed digest of the text of block `number`: no two texts have one, so it also says which key and text the sealed block has to
    /// have.
    func mark(_ number: Int64, _ text: UnsafeRawBufferPointer) -> [UInt8] {
        Primitives.mac(Primitives.mac(marking, place(number)), text)
    }

    /// Puts the sealed block into `result`. Each has a key of its own, made of the content key, its place and its text's digest; under it nothing else is ever
    /// encrypted, so the nonce is 0.
    func seal(
        _ number: Int64, mark: [UInt8], _ text: UnsafeRawBufferPointer, into result: UnsafeMutableRawBufferPointer
    ) throws {
        try Primitives.encrypt(.aes, key: try key(number, mark), nonce: Self.zero, text, into: result)
    }

    /// Puts the text of a sealed block into `result`; throws when it is not the one with this mark at this place.
    func open(
        _ number: Int64, mark: [UInt8], _ sealed: UnsafeRawBufferPointer, into result: UnsafeMutableRawBufferPointer
    ) throws {
        try Primitives.decrypt(.aes, key: try key(number, mark), nonce: Self.zero, sealed, into: result)
        let text = UnsafeRawBufferPointer(rebasing: result[..<(sealed.count - Primitives.tagCount)])
        // AES-GCM alone does not bind a text to one key.
        guard self.mark(number, text) == mark else {
            throw CryptoError(description: "block \(number) is not the one that was signed")
        }
    }

    private static let zero = [UInt8](repeating: 0, count: 12)

    private func key(_ number: Int64, _ mark: [UInt8]) throws -> [UInt8] {
        try Primitives.derive(key, salt: mark, info: Array("dd seal block".utf8) + place(number))
    }

    /// Number and whether it is the last: a file that is cut has another last block.
    private func place(_ number: Int64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * (7 - $0))) } + [number == count - 1 ? 1 : 0]
    }
}
