import DDCore
import Testing

@Suite("values")
struct ValuesTests {
    @Test(
        "sizes are powers of two with an optional B",
        arguments: [
            ("0", 0), ("10", 10), ("10B", 10), ("1K", 1024), ("1kb", 1024), ("3M", 3 << 20), ("2GB", 2 << 30), ("1T", 1 << 40),
            ("8388607T", 8_388_607 << 40), ("9223372036854775807", Int64.max),
        ])
    func size(_ text: String, _ bytes: Int64) {
        #expect(Values.size(text) == bytes)
    }

    @Test(
        "what is no size is refused",
        arguments: [
            "", "B", "M", "-1", "+1", "1.5M", "1 M", "1MM", "1BB", "1P", "1KiB", "8388608T", "9223372036854775808", "١M",
        ])
    func noSize(_ text: String) {
        #expect(Values.size(text) == nil)
    }

    @Test(
        "time spans have units, bare ones are seconds or minutes",
        arguments: [
            ("30", 30, 1800), ("30s", 30, 30), ("5m", 300, 300), ("2h", 7200, 7200), ("2d", 172_800, 172_800),
            ("1w", 604_800, 604_800),
            ("0", 0, 0),
        ])
    func duration(_ text: String, _ seconds: Int, _ minutes: Int) {
        #expect(Values.duration(text, bareUnit: .seconds) == .seconds(seconds))
        #expect(Values.duration(text, bareUnit: .minutes) == .seconds(minutes))
    }

    @Test(
        "what is no time span is refused",
        arguments: ["", "s", "-5", "1.5h", "1M", "1h30m", "1 d", "9223372036854775807w", "6000w"])
    func noDuration(_ text: String) {
        #expect(Values.duration(text, bareUnit: .seconds) == nil)
    }

    @Test("booleans have three spellings")
    func bool() {
        for text in ["on", "true", "yes", "ON", "Yes"] { #expect(Values.bool(text) == true) }
        for text in ["off", "false", "no", "OFF"] { #expect(Values.bool(text) == false) }
        for text in ["", "1", "0", "onn", "y"] { #expect(Values.bool(text) == nil) }
    }
}
