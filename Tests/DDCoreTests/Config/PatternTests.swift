import DDCore
import Testing

@Suite("patterns and selection")
struct PatternTests {
    @Test("a pattern is anchored at the start and knows UTF-8")
    func anchored() throws {
        let pattern = try Pattern("a.c")
        #expect(pattern.match("abcd") == .match)
        #expect(pattern.match("aéc") == .match)
        #expect(pattern.match("xabc") == .noMatch)
        #expect(pattern.match("") == .noMatch)
        #expect(try Pattern("").match("") == .match)
        #expect(try Pattern("(?P<year>[0-9]{4})").match("2026") == .match)
    }

    @Test("a pattern that explodes is given up")
    func limit() throws {
        let pattern = try Pattern("(a+)+$")
        #expect(pattern.match(String(repeating: "a", count: 40) + "b") == .tooCostly)
        #expect(pattern.match("aaa") == .match)
    }

    @Test("a bad pattern is said with its place")
    func bad() {
        #expect(
            failure { () throws(ConfigError) in _ = try Pattern("é(b") }
                == "78: bad pattern 'é(b' after character 3: missing closing parenthesis")
    }

    @Test("the first match decides, the nearest directory above it is where it goes")
    func order() throws {
        let selection = try Selection([
            .accept(".*\\.txt"), .directory("/a"), .reject(".*tmp"), .accept(".*\\.grib"), .directory("/b"), .accept(".*x"),
        ])
        #expect(selection.decide("http://h/t.txt") == .accept(directory: nil))
        #expect(selection.decide("http://h/tmp.grib") == .reject)
        #expect(selection.decide("http://h/w.grib") == .accept(directory: "/a"))
        #expect(selection.decide("http://h/x") == .accept(directory: "/b"))
        #expect(selection.decide("http://h/y") == .reject)
    }

    @Test("without an accept line all that is not rejected is accepted")
    func noAccept() throws {
        #expect(try Selection([]).decide("u") == .accept(directory: nil))
        let selection = try Selection([.directory("/a"), .reject(".*tmp"), .directory("/b")])
        #expect(selection.decide("u") == .accept(directory: "/b"))
        #expect(selection.decide("u.tmp") == .reject)
    }

    @Test("a name on which a pattern is given up is rejected")
    func costly() throws {
        let selection = try Selection([.reject("(a+)+$"), .accept(".*")])
        #expect(selection.decide(String(repeating: "a", count: 40) + "b") == .reject)
    }

    @Test("the date in a directory is that of the decision")
    func dates() throws {
        let selection = try Selection([.directory("/d/${%Y%m%d}"), .accept(".*")])
        #expect(selection.decide("u", now: 0) == .accept(directory: "/d/19700101"))
        #expect(selection.decide("u", now: 86_400) == .accept(directory: "/d/19700102"))
    }
}
