import DDCore
import DDTestSupport
import Glibc
import Testing

@Suite("the same file by two ways", .serialized, .enabled(if: SwitchTests.installed))
struct SecondWayTests {
    @Test("it is fetched once, and where the first way cannot give it, from the second")
    func diamond() throws {
        let network = try Network(["a", "b", "c", "d"], ["--access_log"])
        for middle in ["b", "c"] {
            try network.link(from: "a", to: middle)
            try network.link(from: middle, to: "d")
        }
        /// How often the web server of a switch was asked for a file.
        func asked(_ name: String, at cluster: String) -> Int {
            (SmallFile.text(network[cluster].folder + "/log/access.log") ?? "").split(separator: "\n")
                .count { $0.contains("/\(name) ") && $0.contains(" 200 ") }
        }
        try network.post(at: "a", ["twice"], to: "ALL")
        #expect(network.comes("twice", of: "alice@a", at: "d"))
        // The other way says that it is there.
        #expect(
            waitUntil(seconds: 30) {
                let told = (try? network.reports(at: "a", about: "twice")) ?? []
                return told.filter { $0.contains("link_d") } == ["201 link_d@b", "304 link_d@c"]
                    || told.filter { $0.contains("link_d") } == ["201 link_d@c", "304 link_d@b"]
            }, "\((try? network.reports(at: "a", about: "twice")) ?? [])")
        #expect(asked("twice", at: "b") + asked("twice", at: "c") == 1)

        // What is gone at b by then comes from c.
        try network.cut("b", "d")
        try network.cut("c", "d")
        try network.post(at: "a", ["gone"], to: "ALL")
        #expect(network.comes("gone", of: "alice@a", at: "b") && network.comes("gone", of: "alice@a", at: "c"))
        unlink(try #require(network.stored("gone", of: "alice@a", at: "b")))
        try network.start("b", "d")
        #expect(waitUntil(seconds: 30) { (try? network.reports(at: "a", about: "gone"))?.contains("404 link_d@b") == true })
        #expect(network.stored("gone", of: "alice@a", at: "d") == nil)
        try network.start("c", "d")
        #expect(network.comes("gone", of: "alice@a", at: "d"))
        let file = try #require(network.stored("gone", of: "alice@a", at: "d"))
        #expect(SmallFile.text(file) == "gone of a\n" && asked("gone", at: "c") == 1)
    }
}
