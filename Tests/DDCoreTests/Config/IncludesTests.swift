import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("what configurations include")
struct IncludesTests {
    private func settings(_ folder: TemporaryFolder, _ name: String) throws -> [String] {
        let file = OptionFile(SubscribeOptions.table, includes: Includes(stateHome: folder.path("state")))
        return try file.read(folder.path(name)).map { "\($0.name) \($0.value) \($0.origin)" }
    }

    @Test("files stand in the place of the line, look up names in their own folder, and name themselves in errors")
    func files() throws {
        let folder = try TemporaryFolder()
        try folder.write("mirror on\ninclude more/common.inc\naccept .*last\n", to: "a.conf")
        try folder.write("accept .*first\ninclude other.inc\n", to: "more/common.inc")
        try folder.write("# nothing\nreject .*second\n", to: "more/other.inc")
        #expect(
            try settings(folder, "a.conf") == [
                "mirror on \(folder.path("a.conf")):1", "accept .*first \(folder.path("more/common.inc")):1",
                "reject .*second \(folder.path("more/other.inc")):2", "accept .*last \(folder.path("a.conf")):3",
            ])
        try folder.write("mirro on\n", to: "more/other.inc")
        let wrong = #expect(throws: ConfigError.self) { try settings(folder, "a.conf") }
        #expect(
            wrong?.description.contains("more/other.inc:1: unknown option 'mirro' (did you mean 'mirror'?)") == true,
            "\(wrong as Any)")
        try folder.write("include common.inc\n", to: "more/other.inc")
        let loop = #expect(throws: ConfigError.self) { try settings(folder, "a.conf") }
        #expect(loop?.description.contains("do they include each other?") == true)
        try folder.write("include none.inc\n", to: "a.conf")
        let none = #expect(throws: ConfigError.self) { try settings(folder, "a.conf") }
        #expect(none?.description.contains("cannot read configuration \(folder.path("none.inc"))") == true)
    }

    @Test("from the web comes which files are wanted, and nothing else")
    func web() throws {
        let folder = try TemporaryFolder()
        let url = "https://example.org/s.conf"
        try folder.write("include \(url)\n", to: "a.conf")
        let missing = #expect(throws: ConfigError.self) { try settings(folder, "a.conf") }
        #expect(missing?.description.contains("a.conf:1: \(url) has not been fetched yet") == true)
        let copy = Includes(stateHome: folder.path("state")).copy(of: url)
        try SmallFile.makeFolder(folder.path("state/includes"))
        try SmallFile.write("subtopic a.#\naccept .*\\.grib$\n", to: copy)
        #expect(
            try settings(folder, "a.conf") == ["subtopic a.# \(url):1", "accept .*\\.grib$ \(url):2"])
        for bad in [
            "directory /etc", "broker amqp://x/", "on_file /bin/sh", "accept (", "accept ${HOME}.*", "include /etc/passwd",
            "mirro on",
        ] {
            try SmallFile.write("# \n\(bad)\n", to: copy)
            let wrong = #expect(throws: ConfigError.self, "\(bad)") { try settings(folder, "a.conf") }
            #expect(wrong?.description.contains("\(url):2: ") == true, "\(wrong as Any)")
        }
        let watch = OptionFile(WatchOptions.table, includes: Includes(stateHome: folder.path("state")))
        #expect(throws: ConfigError.self) { try watch.read(folder.path("a.conf")) }
    }
}
