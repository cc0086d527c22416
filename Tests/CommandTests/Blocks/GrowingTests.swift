import DDCore
import DDTestSupport
import Glibc
import Testing

/// `dd_post --growing`: a file is announced while it is written.
@Suite("growing files", .serialized)
struct GrowingTests {
    private let files: TemporaryFolder
    private let seed = Seed()

    init() throws { files = try TemporaryFolder() }

    private func start(_ words: [String]) throws -> RunningCommand {
        let command = Command("dd_post", environment: ["DD_CONFIG_HOME": files.path, "DD_STATE_HOME": files.path])
        let common = ["-n", "-b", "amqp://alice:pw@localhost/", "-u", "http://h/", "-dr", files.path, "-sum", "xxh128"]
        return try command.start(common + ["--growing", "-p", "i,1K"] + words)
    }

    /// The second field of each line, `i,1024,64,1024,0`.
    private func parts(_ output: String) -> [String] {
        output.split(separator: "\n").map { line in
            let fields = line.split(separator: "\t")
            return fields.count == 3 ? String(fields[1]) : "\(line)"
        }
    }

    private func append(_ count: Int, to file: UnsafeMutablePointer<FILE>?) {
        fwrite([UInt8](repeating: 7, count: count), 1, count, file)
        fflush(file)
    }

    @Test("blocks are announced as they are complete, the whole when the file is closed")
    func growing() throws {
        let path = files.path("growing")
        let file = fopen(path, "w")
        let post = try start([path])
        append(2_500, to: file)
        #expect(waitUntil(seconds: 20) { parts(post.output) == ["i,1024,64,1024,0", "i,1024,64,1024,1"] }, "\(post.errors)")
        append(700, to: file)
        #expect(waitUntil(seconds: 20) { parts(post.output).last == "i,1024,64,1024,2" }, "\(post.output)")
        // It is open, so it is not finished.
        usleep(1_500_000)
        #expect(post.isRunning && parts(post.output).count == 3)
        append(100, to: file)
        fclose(file)
        let outcome = try post.outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(parts(outcome.output).suffix(4) == ["i,1024,4,228,0", "i,1024,4,228,1", "i,1024,4,228,2", "i,1024,4,228,3"])
    }

    @Test("a file that was written before is posted as it is; one that is left open when it is idle; both at once")
    func finished() throws {
        let (done, left) = (files.path("done"), files.path("left"))
        try Tree.write([1, 2, 3], to: done)
        let file = fopen(left, "w")
        append(1_100, to: file)
        let outcome = try start(["--idle", "3s", done, left]).outcome()
        fclose(file)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(parts(outcome.output) == ["i,1024,64,1024,0", "1,3,1,0,0", "i,1024,2,76,0", "i,1024,2,76,1"])
    }

    @Test("without events the file is looked at from time to time")
    func polling() throws {
        let path = files.path("polled")
        let file = fopen(path, "w")
        let post = try start(["--force_polling", "1s", path])
        append(1_500, to: file)
        #expect(waitUntil(seconds: 20) { parts(post.output) == ["i,1024,64,1024,0"] }, "\(post.errors)")
        fclose(file)
        #expect(parts(try post.outcome().output).suffix(2) == ["i,1024,2,476,0", "i,1024,2,476,1"])
    }

    @Test("what cannot be followed is said, a file that goes away too, and the others go on")
    func faults() throws {
        let (path, other) = (files.path("gone"), files.path("other"))
        let file = fopen(path, "w")
        try Tree.write([1], to: other)
        let post = try start([path, files.path, files.path("missing"), other])
        #expect(waitUntil(seconds: 20) { parts(post.output) == ["1,1,1,0,0"] }, "\(post.errors)")
        unlink(path)
        let outcome = try post.outcome()
        fclose(file)
        #expect(outcome.status == 1)
        for word in ["gone was removed", "is no regular file", "cannot open \(files.path)/missing"] {
            #expect(outcome.errors.contains(word), "\(outcome.errors)")
        }
    }

    @Test("an idle one uses no processor time and ends on a signal", arguments: [[], ["--force_polling", "1h"]])
    func idle(words: [String]) throws {
        let path = files.path("idle")
        let file = fopen(path, "w")
        defer { fclose(file) }
        let post = try start(words + [path])
        append(1_024, to: file)
        if words.isEmpty { #expect(waitUntil(seconds: 20) { !post.output.isEmpty }) } else { usleep(300_000) }
        usleep(100_000)
        let before = switches(of: post.pid)
        usleep(1_000_000)
        #expect(switches(of: post.pid) - before <= 2)
        post.send(SIGTERM)
        #expect(try post.outcome().status == 143)
    }

    /// How often a process has given up its core of itself: it does so each time it waits.
    private func switches(of pid: Int32) -> Int {
        let lines = (SmallFile.text("/proc/\(pid)/status") ?? "").split(separator: "\n")
        return lines.first { $0.hasPrefix("voluntary_ctxt_switches") }.flatMap { Int($0.split(separator: "\t")[1]) } ?? -1
    }
}
