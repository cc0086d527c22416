import CLinux
import Glibc

/// A sealed file: a line with two lengths, a file of age with the `SealedManifest`, and the sealed blocks.
///
///     dd-sealed/1 000000001024 000001048576\n <age, so many bytes> <zeros up to the second number> <block 0> <block 1> ...
///
/// With more than one block the blocks begin at a multiple of their size, so that a block that changes is one of a transfer in blocks, too.
enum SealedFile {
    /// What is added to names.
    static let suffix = ".sealed"
    /// Bytes of the first line.
    static let headCount = 38
    /// A block of a sealed file has at least so many bytes, and a file at most so many blocks.
    static let (smallestBlock, mostBlocks): (Int64, Int64) = (1 << 20, 65_536)
    /// The part before the blocks has at most so many bytes.
    static let mostHead = 64 << 20

    /// The first line of a file whose age part has `age` bytes, and whose blocks begin at `offset`.
    static func head(age: Int, offset: Int64) -> [UInt8] {
        func digits(_ number: Int64) -> String {
            String(repeating: "0", count: max(0, 12 - String(number).count)) + String(number)
        }
        return Array("dd-sealed/1 \(digits(Int64(age))) \(digits(offset))\n".utf8)
    }

    /// The lengths in a first line; `nil` when it is none.
    static func lengths(_ head: [UInt8]) -> (age: Int, offset: Int64)? {
        guard head.count == headCount, head.last == 0x0A, let text = String(validating: head.dropLast(), as: UTF8.self) else {
            return nil
        }
        let words = text.split(separator: " ")
        guard words.count == 3, words[0] == "dd-sealed/1", words[1].utf8.count == 12, words[2].utf8.count == 12,
            let age = Int(words[1]), let offset = Int64(words[2]), 1...mostHead ~= age, offset >= Int64(headCount + age)
        else { return nil }
        return (age, offset)
    }

    /// Bytes of a block of a sealed file, for a file of `size` bytes: a power of two.
    static func blockSize(_ size: Int64) -> Int64 {
        var block = smallestBlock
        while (size / block) >= mostBlocks { block *= 2 }
        return block
    }
}

/// Seals files for some readers.
public struct Sealer {
    private let source: String
    private let secret: [UInt8]
    private let readers: [String: AgeKey.Recipient]
    private let target: DocumentRoot
    private let state: String

    /// What became of a file.
    public enum Result: Sendable { case sealed, unchanged }

    /// Seals as `source` (`alice@a`) with its Ed25519 secret, into the folder `target`. Keys of content are remembered in `state`.
    init(source: String, secret: [UInt8], readers: [String: AgeKey.Recipient], target: String, state: String) throws(FileError) {
        (self.source, self.secret, self.readers, self.state) = (source, secret, readers, state)
        self.target = try DocumentRoot(target)
    }

    /// Seals the file at `path`, which the source calls `relpath`. What is sealed already, as it is and for the same readers, is left alone.
    /// Returns where the sealed one is, below the target.
    func seal(_ path: String, as relpath: String) throws -> (place: Place, result: Result) {
        let place = try Place(relpath + SealedFile.suffix)
        let file = dd_openat(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW, 0)
        guard file >= 0 else { throw FileError("cannot open \(path)") }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0 else { throw FileError("cannot look at \(path)") }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw FileError(.notAllowed, "\(path) is no file") }
        let time = Timestamp(seconds: Int64(facts.st_mtim.tv_sec), nanoseconds: Int32(facts.st_mtim.tv_nsec))
        let (salt, isSame) = try salt(of: relpath)
        if isSame, let entry = try target.entry(at: place), entry.kind == .file, entry.modified == time {
            return (place, .unchanged)
        }

        let size = Int64(facts.st_size)
        let block = SealedFile.blockSize(size)
        let keys = readers.values.map(\.description).sorted()
        let key = try Primitives.derive(secret, salt: salt, info: Array("dd seal content\n\(source)\n\(relpath)".utf8))
        var manifest = SealedManifest(
            source: source, path: relpath, time: time, size: size, blockSize: block, key: key, readers: keys, marks: [])
        let blocks = try SealedBlocks(key: key, count: SealedManifest.count(size, textSize: manifest.textSize))
        try forEachBlock(file, path, size, manifest.textSize) { manifest.marks.append(blocks.mark($0, $1)) }
        let age = try AgeFile.encrypt(
            try manifest.text(signedWith: secret), to: readers.values.sorted { $0.description < $1.description })
        guard age.count <= SealedFile.mostHead else { throw FileError(.tooLarge, "\(relpath) has too many readers") }
        let bare = Int64(SealedFile.headCount + age.count)
        let offset = manifest.marks.count > 1 ? (bare + block - 1) / block * block : bare
        try target.receive(place, lock: IncomingFile.defaultLock) { sealed in
            let buffer = UnsafeMutableRawBufferPointer.allocate(
                byteCount: Int(min(block, size + Int64(Primitives.tagCount))), alignment: 16)
            defer { buffer.deallocate() }
            let head = SealedFile.head(age: age.count, offset: offset) + age + [UInt8](repeating: 0, count: Int(offset - bare))
            try sealed.append(head)
            try forEachBlock(file, path, size, manifest.textSize) { number, text in
                let mark = manifest.marks[Int(number)]
                // What was signed and what is encrypted is the same.
                guard blocks.mark(number, text) == mark else { throw FileError(.busy, "\(path) changes while it is sealed") }
                try blocks.seal(number, mark: mark, text, into: buffer)
                try sealed.append(UnsafeRawBufferPointer(rebasing: buffer[..<(text.count + Primitives.tagCount)]))
            }
            try sealed.commit(mtime: time, mode: nil)
        }
        return (place, .sealed)
    }

    private func forEachBlock(
        _ file: Int32, _ path: String, _ size: Int64, _ length: Int64, _ body: (Int64, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(min(length, max(1, size))), alignment: 16)
        defer { buffer.deallocate() }
        for number in 0..<SealedManifest.count(size, textSize: length) {
            let count = Int(min(length, size - number * length))
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
            guard count == 0 || FileBytes.read(file, into: part, at: number * length) == count else {
                throw FileError(.busy, "\(path) changes while it is sealed, or cannot be read")
            }
            try body(number, UnsafeRawBufferPointer(part))
        }
    }

    /// The salt of a file's content key, and whether it was sealed for just these readers. It stays while nobody is taken away: another reader
    /// can be added without new blocks, and who is no reader any more has no key of what comes.
    private func salt(of relpath: String) throws -> (salt: [UInt8], isSame: Bool) {
        try SmallFile.makeFolder(state, mode: 0o700)
        let path = "\(state)/\(Hexadecimal.text(Array(Primitives.sha256(Array("\(source)\n\(relpath)".utf8)).prefix(16))))"
        let now = Set(readers.values.map(\.description))
        let lines = try SmallFile.lines(path)
        if lines.count == 2, let salt = Hexadecimal.bytes(lines[0], count: 16) {
            let before = Set(lines[1].split(separator: ",").map(String.init))
            if before == now { return (salt, true) }
            if before.isSubset(of: now) {
                try remember(salt, now, path)
                return (salt, false)
            }
        }
        let salt = try Primitives.random(16)
        try remember(salt, now, path)
        return (salt, false)
    }

    private func remember(_ salt: [UInt8], _ readers: Set<String>, _ path: String) throws {
        try SmallFile.write("\(Hexadecimal.text(salt))\n\(readers.sorted().joined(separator: ","))\n", to: path, mode: 0o600)
    }
}

extension IncomingFile {
    /// Appends the bytes of an array.
    func append(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try append($0) } }

    /// Appends bytes.
    func append(_ bytes: UnsafeRawBufferPointer) throws {
        let result: Result<Void, any Error> = Result { try write(bytes) }
        try result.get()
    }
}
