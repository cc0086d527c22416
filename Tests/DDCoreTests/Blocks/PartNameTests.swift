import DDCore
import DDTestSupport
import Testing

@Suite("names of part files")
struct PartNameTests {
    static let seed = Seed()

    @Test("the name says which block it is, in the form of the field")
    func form() throws {
        let parts = try Parts(wire: "i,4096,3,17,2")
        let name = try PartName(file: "model.grib", parts: parts, sum: .name("x"))
        #expect(name.text == "model.grib.4096.3.17.2.n.Part")
        #expect(PartName("model.grib.4096.3.17.2.d.Part")?.parts.length == 17)
    }

    @Test("any name is read back as it was written")
    func roundTrip() throws {
        for number in 0..<1_000 {
            var source = SampleSource(random: Self.seed.generator(case: number))
            let parts = source.parts()
            guard parts.blockSize > 0 else { continue }
            let name = try PartName(file: source.name(), parts: parts, sum: source.sum())
            try #require(PartName(name.text) == name, "\(name.text): \(Self.seed) case \(number)")
        }
    }

    @Test(
        "other names are not taken for part files",
        arguments: [
            "a.4096.3.17.3.d.Part", "a.4096.3.17.2.d.part", "4096.3.17.2.d.Part", ".4096.3.17.2.d.Part", "a.4096.3.17.2..Part",
            "a.4096.3.17.-1.d.Part", "a.4\u{301}.3.1.2.d.Part", "a", "", "a.d.Part",
        ])
    func others(name: String) {
        #expect(PartName(name) == nil)
    }

    @Test("a post of method p names its part file, or the file that has all blocks")
    func post() throws {
        let event = Post.Event.file(try Parts(wire: "p,4096,3,17,2"), .none("0"))
        #expect(Sample.post("d/f.4096.3.17.2.d.Part", event).partName?.file == "f")
        #expect(Sample.post("d/f", event).partName == nil && Sample.post("d/f", event).block != nil)
        #expect(Sample.post("d/f.4096.3.17.1.d.Part", event).partName == nil)
        #expect(Sample.post("d/f.9.1.0.0.d.Part", .file(try Parts(wire: "p,9,1,0,0"), .none("0"))).block != nil)
        #expect(Sample.post("d/f", .file(.whole(size: 9), .none("0"))).block == nil)
    }
}
