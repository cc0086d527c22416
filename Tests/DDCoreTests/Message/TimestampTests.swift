import DDCore
import Testing

@Suite("times")
struct TimestampTests {
    @Test(
        "a time is read as a decimal fraction of any length",
        arguments: [
            ("19700101000000", 0, 0), ("19700101000000.5", 0, 500_000_000),
            ("20151020152000.123456717", 1_445_354_400, 123_456_717),
            ("20261121075155.00897026062", 1_795_247_515, 8_970_260), ("20151020T152000.123", 1_445_354_400, 123_000_000),
            ("19691231235959.999999999999", -1, 999_999_999), ("20000229000000", 951_782_400, 0),
            ("20161231235960", 1_483_228_800, 0),
            ("00010101000000", -62_135_596_800, 0), ("99991231235959", 253_402_300_799, 0),
        ] as [(String, Int64, Int32)])
    func read(_ wire: String, _ seconds: Int64, _ nanoseconds: Int32) throws {
        #expect(try Timestamp(wire: wire) == Timestamp(seconds: seconds, nanoseconds: nanoseconds))
    }

    @Test("a time is written with nine digits")
    func written() {
        #expect(Timestamp(seconds: 1_445_354_400, nanoseconds: 5).wire == "20151020152000.000000005")
        #expect(Timestamp(seconds: -1, nanoseconds: 0).wire == "19691231235959.000000000")
        #expect(Timestamp(seconds: 951_782_400, nanoseconds: 0).day == "20000229")
    }

    @Test("nanoseconds are carried, and no value traps")
    func extremes() {
        #expect(Timestamp(seconds: 1, nanoseconds: -1) == Timestamp(seconds: 0, nanoseconds: 999_999_999))
        #expect(Timestamp(seconds: 1, nanoseconds: 2_000_000_001) == Timestamp(seconds: 3, nanoseconds: 1))
        var time = Timestamp(seconds: .max, nanoseconds: .max)
        #expect(time.wire.hasPrefix("99991231235959."))
        time.seconds = .min
        time.nanoseconds = .min
        #expect(time.wire == "00010101000000.000000000")
        var other = time
        other.seconds = .max
        #expect(other.seconds(since: time) > 1e19)
        #expect(Timestamp(seconds: 2, nanoseconds: 0).seconds(since: Timestamp(seconds: 0, nanoseconds: 500_000_000)) == 1.5)
        #expect(time < other)
    }

    @Test("now is after 2020 and does not go back within a test")
    func now() {
        let first = Timestamp.now()
        #expect(first.seconds > 1_577_836_800)
        #expect(first <= Timestamp.now())
    }

    @Test("very small fractions as another tool writes them are read; what only looks like them is not")
    func exponent() throws {
        let time = try Timestamp(wire: "20261121184936.19345093e-05")
        #expect(time.wire == "20261121184936.000001934")
        for text in [
            "20261121184936e-05", "20261121184936.e-05", "20261121184936.1e-5", "20261121184936.1e+05", "2026112118493.12e-055",
        ] {
            #expect(throws: MessageError.self) { try Timestamp(wire: text) }
        }
    }
}
