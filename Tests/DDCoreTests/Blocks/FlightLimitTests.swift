import DDTestSupport
import Testing

@testable import DDCore

@Suite("files too large to be kept")
struct FlightLimitTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func part(_ blockSize: Int64, _ count: Int64, _ number: Int64) throws -> PartName {
        let parts = try Parts(method: .partfile, blockSize: blockSize, count: count, remainder: 0, number: number)
        return try PartName(file: "large", parts: parts, sum: Sum(wire: "d,900150983cd24fb0d6963f7d28e17f72"))
    }

    @Test("blocks have room up to the limit, and one block always has")
    func room() throws {
        let limit = FlightLimit(bytes: 25, hops: ["bob"], keep: 60, root: folder.path, url: "http://h/", lock: ".tmp")
        let (root, place) = (try DocumentRoot(folder.path), try Place("large"))
        #expect(try limit.admits(part(10, 9, 0), at: place, in: root))
        #expect(try limit.admits(part(10, 9, 1), at: place, in: root))
        #expect(try !limit.admits(part(10, 9, 2), at: place, in: root))
        // What has its room keeps it.
        #expect(try limit.admits(part(10, 9, 1), at: place, in: root))
        #expect(try limit.admits(part(1_000, 2, 0), at: Place("other/large"), in: root))
    }

    // Found before: the sum of what such posts claim ended the program.
    @Test("blocks that claim to be as large as a number can be find no room beside each other")
    func huge() throws {
        let limit = FlightLimit(bytes: 25, hops: ["bob"], keep: 60, root: folder.path, url: "http://h/", lock: ".tmp")
        let (root, place) = (try DocumentRoot(folder.path), try Place("large"))
        #expect(try limit.admits(part(.max, 1, 0), at: place, in: root))
        #expect(try !limit.admits(part(.max - 1, 1, 0), at: place, in: root))
        try folder.write("", to: try part(.max - 2, 1, 0).text)
        #expect(try !limit.admits(part(.max - 1, 1, 0), at: place, in: root))
    }
}
