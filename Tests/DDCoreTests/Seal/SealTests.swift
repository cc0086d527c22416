import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// What alice@a seals in a folder of the test's own.
final class SealGround {
    let folder: TemporaryFolder
    let bob: AgeKey.Identity
    let dave: AgeKey.Identity
    let secret: [UInt8]
    var signers: [String: [UInt8]] { get throws { ["alice@a": try Primitives.ed25519Public(of: secret)] } }

    init() throws {
        folder = try TemporaryFolder()
        (bob, dave) = (try AgeKey.Identity(), try AgeKey.Identity())
        secret = try Primitives.random(32)
    }

    /// Seals a file with this content for these readers; the bytes of the sealed one.
    @discardableResult
    func seal(_ name: String, _ content: [UInt8], for readers: [AgeKey.Identity], at seconds: Int64 = 1_700_000_000) throws
        -> [UInt8]
    {
        let path = folder.path("plain/" + name)
        try Tree.write(content, to: path)
        let times = [timespec(tv_sec: Int(seconds), tv_nsec: 5), timespec(tv_sec: Int(seconds), tv_nsec: 5)]
        utimensat(AT_FDCWD, path, times, 0)
        let keys = Dictionary(uniqueKeysWithValues: readers.enumerated().map { ("r\($0)@c", $1.recipient) })
        let sealer = try Sealer(
            source: "alice@a", secret: secret, readers: keys, target: folder.path("sealed"), state: folder.path("state"))
        let (place, _) = try sealer.seal(path, as: name)
        return try bytes("sealed/" + place.relpath)
    }

    func bytes(_ name: String) throws -> [UInt8] { try #require(try SmallFile.contents(folder.path(name))) }

    /// Opens these bytes under the name that was sealed; what it gives.
    func open(_ name: String, _ sealed: [UInt8], as reader: AgeKey.Identity, signers: [String: [UInt8]]? = nil) throws -> [UInt8]
    {
        let path = folder.path("got/" + name + SealedFile.suffix)
        try Tree.write(sealed, to: path)
        unlink(folder.path("got/" + name))
        let unsealer = Unsealer(identities: [reader], signers: try signers ?? self.signers)
        let (root, place) = try unsealer.open(path, into: nil)
        return try #require(try SmallFile.contents("\(root)/\(place.relpath)"))
    }

    /// Why they cannot be opened; nothing is there then.
    func refusal(_ name: String, _ sealed: [UInt8], as reader: AgeKey.Identity, signers: [String: [UInt8]]? = nil) -> String {
        do {
            _ = try open(name, sealed, as: reader, signers: signers)
            return "opened"
        } catch {
            #expect(access(folder.path("got/" + name), F_OK) != 0, "something of it is there: \(error)")
            return "\(error)"
        }
    }

    static func content(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &* 7) } }
}

@Suite("sealed files")
struct SealTests {
    private static let text = Int(SealedFile.smallestBlock) - Primitives.tagCount

    @Test(
        "what is sealed is read as it was by each reader, and shows nothing of it",
        arguments: [0, 1, 5000, text - 1, text, text + 1, 2 * text, 3 * text + 7])
    func round(_ count: Int) throws {
        let ground = try SealGround()
        let content = SealGround.content(count)
        let sealed = try ground.seal("d/f", content, for: [ground.bob, ground.dave])
        for reader in [ground.bob, ground.dave] { #expect(try ground.open("d/f", sealed, as: reader) == content) }
        if count >= 64 {
            let part = Array(content[..<64])
            #expect(!sealed.indices.dropLast(64).contains { sealed[$0] == part[0] && Array(sealed[$0..<$0 + 64]) == part })
        }
        var facts = stat()
        #expect(
            stat(ground.folder.path("got/d/f"), &facts) == 0 && facts.st_mtim.tv_sec == 1_700_000_000
                && facts.st_mode & 0o077 == 0)
        // A second time: nothing is done.
        #expect(try ground.seal("d/f", content, for: [ground.bob, ground.dave]) == sealed)
    }

    @Test("each bit counts: changed, cut, longer, with blocks in another order or of another file or version, it is refused")
    func changed() throws {
        let ground = try SealGround()
        let content = SealGround.content(3 * Self.text + 100)
        let sealed = try ground.seal("f", content, for: [ground.bob])
        let offset = try #require(SealedFile.lengths(Array(sealed[..<SealedFile.headCount]))).offset
        let block = Int(SealedFile.smallestBlock)
        var generator = Seed().generator()
        let age = try #require(SealedFile.lengths(Array(sealed[..<SealedFile.headCount]))).age
        // The zeros before the blocks mean nothing; everything else does.
        let places =
            (0..<20).map { _ in Int.random(in: 0..<SealedFile.headCount + age, using: &generator) }
            + (0..<20).map { _ in Int.random(in: Int(offset)..<sealed.count, using: &generator) }
        for place in places {
            var other = sealed
            other[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            #expect(ground.refusal("f", other, as: ground.bob) != "opened", "byte \(place)")
        }
        for count in [0, 10, SealedFile.headCount, Int(offset), sealed.count - block, sealed.count - 1] {
            #expect(ground.refusal("f", Array(sealed[..<count]), as: ground.bob) != "opened", "\(count)")
        }
        #expect(ground.refusal("f", sealed + [0], as: ground.bob) != "opened")
        func at(_ number: Int) -> Range<Int> { Int(offset) + number * block..<Int(offset) + (number + 1) * block }
        var swapped = sealed
        swapped.replaceSubrange(at(0), with: sealed[at(1)])
        swapped.replaceSubrange(at(1), with: sealed[at(0)])
        #expect(ground.refusal("f", swapped, as: ground.bob).contains("another key, or it was changed"))
        let strange = try ground.seal("g", content.reversed(), for: [ground.bob])
        var mixed = sealed
        mixed.replaceSubrange(at(1), with: strange[at(1)])
        #expect(ground.refusal("f", mixed, as: ground.bob) != "opened")
        // Another file under this name, and an old head with new blocks.
        #expect(ground.refusal("f", strange, as: ground.bob).contains("sealed as g"))
        var newer = content
        newer[Self.text + 5] ^= 1
        let next = try ground.seal("f", newer, for: [ground.bob], at: 1_700_000_001)
        #expect(ground.refusal("f", Array(sealed[..<Int(offset)] + next[Int(offset)...]), as: ground.bob) != "opened")
        #expect(try ground.open("f", next, as: ground.bob) == newer)
    }

    @Test("a block that changes is one block that changes, and a reader more none; who is taken away has no key of what comes")
    func deltas() throws {
        let ground = try SealGround()
        var content = SealGround.content(9 * Self.text)
        let block = Int(SealedFile.smallestBlock)
        func differing(_ one: [UInt8], _ other: [UInt8]) -> [Int] {
            (0..<max(one.count, other.count) / block).filter {
                let part = $0 * block..<($0 + 1) * block
                return part.upperBound > min(one.count, other.count) || one[part] != other[part]
            }
        }
        let first = try ground.seal("f", content, for: [ground.bob])
        content[4 * Self.text + 9] ^= 1
        let second = try ground.seal("f", content, for: [ground.bob], at: 1_700_000_001)
        #expect(differing(first, second) == [0, 5])
        let third = try ground.seal("f", content, for: [ground.bob, ground.dave], at: 1_700_000_001)
        #expect(differing(second, third) == [0])
        #expect(try ground.open("f", third, as: ground.dave) == content)
        let fourth = try ground.seal("f", content, for: [ground.dave], at: 1_700_000_001)
        #expect(differing(third, fourth).count == 10)
        #expect(ground.refusal("f", fourth, as: ground.bob).contains("it is encrypted for others"))
        #expect(try ground.open("f", fourth, as: ground.dave) == content)
    }

    @Test("who has not sealed it, or has not sealed it for this reader, is found out, whoever has wrapped the key")
    func signed() throws {
        let ground = try SealGround()
        let sealed = try ground.seal("f", [1, 2, 3], for: [ground.bob])
        #expect(ground.refusal("f", sealed, as: ground.dave).contains("encrypted for others"))
        let mallory = try Primitives.random(32)
        let other = ["alice@a": try Primitives.ed25519Public(of: mallory)]
        #expect(ground.refusal("f", sealed, as: ground.bob, signers: other).contains("alice@a has not signed it"))
        #expect(
            ground.refusal("f", sealed, as: ground.bob, signers: ["carol@a": other["alice@a"] ?? []]).contains(
                "not among the signers"))
        // bob gives it on to dave as if alice had sealed it for him.
        let (age, offset) = try #require(SealedFile.lengths(Array(sealed[..<SealedFile.headCount])))
        let manifest = try AgeFile.decrypt(Array(sealed[SealedFile.headCount..<SealedFile.headCount + age]), with: [ground.bob])
        let wrapped = try AgeFile.encrypt(manifest, to: [ground.dave.recipient])
        let passed =
            SealedFile.head(age: wrapped.count, offset: Int64(SealedFile.headCount + wrapped.count)) + wrapped
            + sealed[Int(offset)...]
        #expect(ground.refusal("f", passed, as: ground.dave).contains("has not sealed it for this reader"))
        // An older one does not replace a younger.
        let old = try ground.seal("f", [0], for: [ground.bob], at: 1_600_000_000)
        let new = try ground.seal("f", [1], for: [ground.bob], at: 1_700_000_000)
        _ = try ground.open("f", new, as: ground.bob)
        try Tree.write(old, to: ground.folder.path("got/f.sealed"))
        let unsealer = Unsealer(identities: [ground.bob], signers: try ground.signers)
        #expect(throws: FileError.self) { try unsealer.open(ground.folder.path("got/f.sealed"), into: nil) }
        #expect(try ground.bytes("got/f") == [1])
    }
}

@Suite("files of age", .enabled(if: Installed.has("/usr/bin/age", "/usr/bin/age-keygen")))
struct AgeTests {
    @Test(
        "age reads what is made here, and what it makes is read here, keys included",
        arguments: [0, 1, 65_535, 65_536, 65_537, 200_000])
    func both(_ count: Int) throws {
        let folder = try TemporaryFolder()
        let made = try Command(path: "/usr/bin/age-keygen").run(["-o", folder.path("key")])
        #expect(made.status == 0)
        let identity = try #require(try SealKeys.identities(folder.path("key")).first)
        #expect(made.errors.contains("\(identity.recipient)"))
        #expect(AgeKey.Identity(identity.text)?.recipient == identity.recipient)
        let text = SealGround.content(count)
        let others = try (0..<3).map { _ in try AgeKey.Identity().recipient }
        try Tree.write(try AgeFile.encrypt(text, to: others + [identity.recipient]), to: folder.path("ours"))
        let read = try Command(path: "/usr/bin/age").run([
            "-d", "-i", folder.path("key"), "-o", folder.path("read"), folder.path("ours"),
        ])
        #expect(read.status == 0, "\(read)")
        // Of nothing age makes no file.
        #expect(try SmallFile.contents(folder.path("read")) ?? [] == text)
        try Tree.write(text, to: folder.path("text"))
        let words = ["-r", "\(others[0])", "-r", "\(identity.recipient)", "-o", folder.path("theirs"), folder.path("text")]
        #expect(try Command(path: "/usr/bin/age").run(words).status == 0)
        let theirs = try #require(try SmallFile.contents(folder.path("theirs")))
        #expect(try AgeFile.decrypt(theirs, with: [identity]) == text)
        for place in [0, 30, 80, theirs.count - 1] {
            var other = theirs
            other[place] ^= 1
            #expect(throws: (any Error).self, "byte \(place)") { try AgeFile.decrypt(other, with: [identity]) }
        }
        // Sealed files begin with such a file.
        let ground = try SealGround()
        let sealed = try ground.seal("f", text, for: [identity])
        let age = try #require(SealedFile.lengths(Array(sealed[..<SealedFile.headCount]))).age
        try Tree.write(Array(sealed[SealedFile.headCount..<SealedFile.headCount + age]), to: folder.path("head"))
        let shown = try Command(path: "/usr/bin/age").run(["-d", "-i", folder.path("key"), folder.path("head")])
        #expect(shown.output.hasPrefix("dd-sealed/1\nsource alice@a\npath f\n"), "\(shown)")
    }

    @Test(
        "keys that are none are not read",
        arguments: [
            "", "age1", "age1qqqq", "AGE-SECRET-KEY-1", "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnuja",
            "ssh-ed25519 AAAA", "age1ZVKYG2LQZRAA2LNJVQEJ32NKUU0UES2S82HZRYE869XEEXVN73EQUNUJAJ",
        ])
    func keys(_ text: String) {
        #expect(AgeKey.Recipient(text) == nil && AgeKey.Identity(text) == nil)
    }
}

/// Files of bytes.
private enum Tree {
    static func write(_ bytes: [UInt8], to path: String) throws {
        try SmallFile.makeFolder(holding: path, mode: 0o755)
        try SmallFile.replace(path, by: bytes, mode: 0o644)
    }
}
