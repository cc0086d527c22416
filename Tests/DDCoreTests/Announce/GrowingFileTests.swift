import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("files that are being written")
struct GrowingFileTests {
    private let seed = Seed()

    private func state(_ size: Int64, inode: UInt64 = 1) -> FileState {
        var info = stat()
        (info.st_size, info.st_ino, info.st_mtim.tv_nsec) = (off_t(size), ino_t(inode), Int(size))
        return FileState(info)
    }

    private func file(_ size: Int64 = 0) -> GrowingFile {
        GrowingFile(blockSize: 10, settle: 1, idle: 100, state(size), at: 0)
    }

    @Test("complete blocks are announced once, as blocks of a file with more of them")
    func blocks() {
        var file = file()
        #expect(file.step(at: 0) == .wait(until: 100))
        file.look(state(9), at: 1)
        #expect(file.step(at: 1) == .wait(until: 101))
        file.look(state(25), at: 2)
        #expect(file.step(at: 2) == .announce(0..<2, count: 64, isFirst: true))
        #expect(file.step(at: 2) == .wait(until: 102))
        file.look(state(30), at: 3)
        #expect(file.step(at: 3) == .announce(2..<3, count: 64, isFirst: false))
    }

    @Test("the count is never reached, and when it would be, a larger one begins with all blocks")
    func counts() {
        var generator = seed.generator()
        var file = file()
        var (size, count, next) = (0 as Int64, 0 as Int64, 0 as Int64)
        for number in 0..<2_000 {
            size += .random(in: 0...70, using: &generator)
            file.look(state(size), at: Double(number))
            guard case .announce(let blocks, let said, let isFirst) = file.step(at: Double(number)) else { continue }
            #expect(blocks.lowerBound == (isFirst ? 0 : next) && blocks.upperBound == size / 10, "\(seed)")
            #expect(said > blocks.upperBound && (isFirst ? said > count : said == count), "\(seed)")
            (count, next) = (said, blocks.upperBound)
        }
        #expect(next > 5_000)
    }

    @Test("it is finished when it was closed a while ago, or nothing happened for long")
    func end() {
        var file = file()
        file.look(state(5), at: 10)
        file.closed(at: 11)
        #expect(file.step(at: 11) == .wait(until: 12))
        file.closed(at: 11.9)
        #expect(file.step(at: 12) == .finish)
        // Opened again, or written to again: it is not.
        file.opened()
        #expect(file.step(at: 12) == .wait(until: 110))
        file.closed(at: 13)
        file.look(state(6), at: 13.5)
        #expect(file.step(at: 100) == .wait(until: 113.5))
        #expect(file.step(at: 113.5) == .finish)
    }

    @Test("a file that was cut or replaced begins anew")
    func anew() {
        for next in [state(15), state(25, inode: 2)] {
            var file = file(25)
            file.changed(at: 1)
            #expect(file.step(at: 1) == .announce(0..<2, count: 64, isFirst: true))
            file.look(next, at: 2)
            #expect(file.step(at: 2) == .announce(0..<(next.size / 10), count: 64, isFirst: true))
        }
    }

    @Test("one that nobody writes from the start on is left until it is finished")
    func finishedBefore() {
        var file = file(1_000)
        file.closed(at: 0)
        #expect(file.step(at: 0.5) == .wait(until: 1))
        #expect(file.step(at: 1) == .finish)
    }

    @Test("whether somebody can still write to a file is known")
    func writers() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("x", to: "file")
        let reader = open(path, O_RDONLY)
        defer { close(reader) }
        #expect(Writers.write(to: reader) == false)
        let writer = open(path, O_WRONLY)
        #expect(Writers.write(to: reader) == true)
        close(writer)
        #expect(Writers.write(to: reader) == false)
    }

    @Test("changes of a file are told in their order")
    func events() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("x", to: "file")
        let watch = try FileWatch()
        let number = try watch.add(path)
        #expect(watch.events().isEmpty)
        let file = fopen(path, "a")
        fputs("y", file)
        fclose(file)
        rename(path, path + "2")
        let events = watch.events()
        #expect(events.map(\.event) == [.changed, .closed, .moved] && events.allSatisfy { $0.number == number })
        #expect(throws: FileError.self) { try watch.add(path) }
    }
}
