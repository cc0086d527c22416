import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("the block map")
final class BlockMapTests {
    let folder: TemporaryFolder
    let directory: Int32
    let version = FileVersion(
        identity: (0..<16).map { UInt8($0) }, announced: Timestamp(seconds: 5, nanoseconds: 7), blockSize: 10, count: 70_000)

    init() throws {
        folder = try TemporaryFolder()
        directory = open(folder.path, O_RDONLY | O_DIRECTORY)
    }

    deinit { close(directory) }

    private func map() throws -> BlockMap { try BlockMap(directory: directory, fileName: ".f.dd.map.tmp", shown: "f") }

    private func entry(_ byte: UInt8) -> BlockEntry { BlockEntry(.md5, [UInt8](repeating: byte, count: 16)) }

    @Test("a header is read back as it was written")
    func header() {
        var header = BlockMapHeader(version, name: "é f")
        (header.size, header.missing, header.intent, header.inode, header.finisher) = (99, 3, 2, .max, 8)
        header.steps = [.renamed, .triggered]
        header.hosts = (0..<8).map { [UInt8](repeating: $0, count: 16) }
        (header.earlierInode, header.earlierTime) = (4, -5)
        #expect(BlockMapHeader(header.bytes) == header)
    }

    @Test("what is no header of this form is none", arguments: [0, 5, 7, 47, 55, 87, 512])
    func damaged(offset: Int) {
        var bytes = BlockMapHeader(version, name: "f").bytes
        bytes[offset] = 0xff
        #expect(BlockMapHeader(bytes) == nil)
        #expect(BlockMapHeader(Array(bytes.prefix(100))) == nil)
    }

    @Test("what one says of a block, another who opened it for himself reads")
    func shared() throws {
        let (one, other) = (try map(), try map())
        var header = BlockMapHeader(version, name: "f")
        try one.restart(header)
        try one.set(69_999, entry(1), was: .absent, &header)
        try one.set(0, entry(2), was: .absent, &header)
        #expect(other.header() == header && header.missing == 69_998)
        #expect(other.entry(69_999) == entry(1) && other.entry(1) == .absent)
        #expect(try other.missing(of: version) == [1...69_998])
        try other.set(0, .absent, was: .stored, &header)
        #expect(one.header()?.missing == 69_999)
    }

    @Test("blocks are claimed by one at a time, and given back when he is gone")
    func claims() throws {
        var one: BlockMap? = try map()
        let other = try map()
        #expect(one?.claim(3) == true && !other.claim(3) && other.claim(4))
        #expect(try one?.locked { true } == true)
        #expect(!other.claim(3), "the map's own lock must not let go of claims")
        one = nil
        #expect(other.claim(3))
    }

    @Test("what a death between an entry and the count leaves is counted again")
    func intent() throws {
        let map = try map()
        var header = BlockMapHeader(version, name: "f")
        try map.restart(header)
        for block in [1, 65_536, 69_999] { try map.set(Int64(block), entry(1), was: .absent, &header) }
        header.missing = 12
        header.intent = 65_536
        try map.write(header)
        try map.recover(&header)
        #expect(map.header()?.missing == 69_998 && map.header()?.intent == nil)
        #expect(map.entry(1) == entry(1) && map.entry(65_536) == .absent, "a block that may be half noted comes again")
    }

    @Test("a map that was removed is gone for all that have it open")
    func removed() throws {
        let (one, other) = (try map(), try map())
        let header = BlockMapHeader(version, name: "f")
        try one.restart(header)
        _ = try one.locked { try one.remove(header) }
        #expect(try other.locked { true } == nil)
        #expect(try map().header() == nil)
    }
}
