import DDCore
import DDTestSupport
import Glibc
import Testing

/// A file that is announced while it is written, over a whole switch.
@Suite("a growing file over a switch", .serialized, .enabled(if: SwitchTests.installed))
struct GrowingChainTests {
    @Test("its blocks arrive while it grows, the whole when it is closed, and hardly a byte goes twice", .timeLimit(.minutes(10)))
    func growing() throws {
        let running = try RunningSwitch(["--access_log"])
        defer { running.stop() }
        let parties = try Parties("growing", at: running)
        let path = parties.source + "/file"
        let file = fopen(path, "w")
        let script = try parties.write("#!/bin/sh\necho \"$DD_RETRY\" >>calls\n", to: "on_file", mode: 0o755)
        let bob = try parties.subscribe([try parties.configure("mirror on\nstrip 2\non_file \(script)")])
        let alice = try parties.command("dd_post").start(parties.postWords(["--growing", "-p", "i,1M"], paths: [path]))
        let (block, count) = (1 << 20, 12)
        for number in 1...count {
            fwrite([UInt8](repeating: UInt8(number), count: block), 1, block, file)
            fflush(file)
            usleep(50_000)
        }
        // The first blocks are with bob before the file has its end.
        let early = waitUntil(seconds: 20) { allocated(below: parties.received + "/growing") >= 4 * block }
        #expect(early && access(parties.received + "/growing/file", F_OK) != 0, "\(bob.errors)")
        // What was announced long ago is changed once more before the end.
        fseek(file, 100, SEEK_SET)
        fwrite([1, 2, 3], 1, 3, file)
        fclose(file)
        let outcome = try alice.outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        let copy = parties.received + "/growing/file"
        let arrives = waitUntil(seconds: 30) { Tree.content(copy) == Tree.content(path) }
        #expect(arrives, "\(outcome.output)\(bob.errors)")
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)
        #expect(SmallFile.text(parties.path("calls")) == "0\n")
        let moved = Transferred(running).bytes
        print("growing: \(moved) bytes over two hops of a file of \(count * block)")
        #expect(moved <= 2 * (count + 2) * block, "\(moved) bytes")
    }

    /// Bytes on the disk of all files below a folder.
    private func allocated(below folder: String) -> Int {
        TemporaryFolder.tree(folder).reduce(0) { sum, name in
            var info = stat()
            return lstat(folder + "/" + name, &info) == 0 ? sum + Int(info.st_blocks) * 512 : sum
        }
    }
}
