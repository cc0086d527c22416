import Glibc
import Testing

@testable import DDCore

/// What people are told: lines of the log, the progress line, what flows instead.
@Suite("what people are told")
struct WordsTests {
    @Test("a program that runs on begins its lines with the time, and a service has its own name")
    func time() {
        let line = Log(program: "dd_switch").service("dd_switch requests").line(.notice, "started", [:])
        #expect(line.contains(#/^20[0-9-]{8}T[0-9:]{8}\.[0-9]{3}Z dd_switch requests: started$/#), "\(line)")
        #expect(Log(program: "dd_post").line(.error, "x", [:]) == "dd_post: x")
    }

    @Test("marks that turn the writing direction are shown as what they are, in words and in JSON")
    func direction() {
        let name = "invoice\u{202E}gpj.exe\u{2066}\u{200F}"
        let shown = "invoice\\x202egpj.exe\\x2066\\x200f"
        #expect(Log(program: "p").line(.notice, name, ["k": name]) == "p: \(shown) k=\(shown)")
        #expect(Log(program: "p", format: .json).line(.notice, name, [:]).contains("invoice\\u202egpj.exe\\u2066\\u200f"))
        // Marks that letters are made of stay.
        #expect(LogLine.plain("نمی\u{200C}خواهم e\u{301}") == "نمی\u{200C}خواهم e\u{301}")
    }

    @Test("the progress line: one file is one, blocks are no files, bytes count as they come")
    func progress() {
        var tally = Tally()
        for block in 0..<3 {
            var outcome = Outcome(.done)
            outcome.isWithinFile = block < 2
            tally.count(outcome)
        }
        #expect(Progress.text(tally, bytes: 1536, "1.0 KiB/s") == "1 file, 1.5 KiB, 1.0 KiB/s")
        tally.count(Outcome(.done))
        tally.count(Outcome(.passed))
        tally.count(Outcome(.failed))
        #expect(Progress.text(tally, bytes: 5 << 20, "in 3 s") == "2 files, 5.0 MiB, in 3 s, 1 unchanged, 1 failed")
        var meter = RateMeter()
        #expect(meter.rate(of: 0, at: 0) == 0)
        #expect(meter.rate(of: 1000, at: 1) == 1000)
        // An hour of silence later it is what comes now that counts.
        _ = meter.rate(of: 1000, at: 3600)
        #expect(meter.rate(of: 3000, at: 3601) == 2000)
    }

    @Test("who gets nothing is told what flows, and how to ask for it")
    func glance() {
        let topics = Array(repeating: "v02.post.20261126.alice.radar.CWAO", count: 3) + ["v02.post.20261126.alice.text"]
        let text = FlowGlance.text(topics, "xpublic", "v02.post", ["radar.CWAO.#"])
        #expect(text.contains("nothing has come yet that matches v02.post.radar.CWAO.#"))
        #expect(text.contains("v02.post.20261126.alice.radar.CWAO (3), v02.post.20261126.alice.text (1)"))
        #expect(
            text.hasSuffix("with 2 words in front it matches: subtopic *.*.radar.CWAO.#, or as a path */*/radar/CWAO"), "\(text)")
        let other = FlowGlance.text(["v02.post.a"], "xpublic", "v02.post", ["radar.#"])
        #expect(other.hasSuffix("what xpublic carries now: v02.post.a (1)"), "\(other)")
        #expect(FlowGlance.text([], "xpublic", "v02.post", ["a.#"]).contains("carried nothing else either"))
    }

    @Test(
        "lock names that are a pipe, a link or another file's second name are not written through",
        arguments: ["pipe", "hard", "soft"])
    func lockNames(kind: String) throws {
        let folder = try ScratchFolder()
        let precious = folder.path + "/precious"
        try folder.write("precious", to: "precious")
        func plant(_ name: String) {
            let path = folder.path + "/" + name
            let made = kind == "pipe" ? mkfifo(path, 0o600) : kind == "hard" ? link(precious, path) : symlink(precious, path)
            #expect(made == 0)
        }
        plant("pid")
        let error = #expect(throws: ProcessError.self) { _ = try PidFile(folder.path + "/pid") }
        #expect(error?.description.contains("remove it") == true, "\(error?.description ?? "")")

        plant(IncomingFile.lockName(for: "file", lock: ".tmp"))
        let root = try DocumentRoot(folder.path)
        let place = try Place("file")
        func receive() throws {
            try root.receive(place, lock: ".tmp") { file in
                try [UInt8(1), 2].withUnsafeBytes { try file.write($0) }
                try file.commit(mtime: nil, mode: nil)
            }
        }
        if kind == "soft" {
            #expect(throws: FileError.self) { try receive() }
        } else {
            try receive()
            #expect(SmallFile.bytes(folder.path + "/file") == [1, 2])
        }
        #expect(SmallFile.text(precious) == "precious")
    }
}

extension WordsTests {
    @Test("a URL is not written twice on a line")
    func once() {
        let location = Location(base: "http://h/", relpath: "a b.txt")
        #expect(location.withoutRepeating("http://h/a%20b.txt is not there") == "it is not there")
        #expect(location.withoutRepeating("cannot fetch http://h/a b.txt: no route") == "cannot fetch it: no route")
    }
}
