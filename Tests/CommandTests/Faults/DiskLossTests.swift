import DDCore
import DDTestSupport
import Glibc
import Testing

/// Disks that are lost, filled, mounted and copied in the middle of the work.
@Suite("faults of disks", .serialized, .enabled(if: LoopDisk.isWanted && SwitchTests.installed))
struct DiskLossTests {
    private let seed = Seed()

    // Found before: in 2 of 16 rounds on ext4 and 1 of 6 on XFS wrong bytes reported 201, or 201 and no file.
    @Test(
        "a disk that is lost and mounted again, on one start of the machine: a file in blocks is whole in the end",
        arguments: [
            "ext4", "xfs",
        ])
    func lost(kind: String) throws {
        var random = seed.generator()
        let files = try TemporaryFolder()
        let disk = try LoopDisk(kind, megabytes: 400, image: files.path("image"), at: files.path("disk"))
        for round in 0..<8 {
            let parties = try Parties("lost-\(kind)-\(round)")
            try Tree.write(Tree.bytes(24 << 20, &random), to: parties.source + "/file")
            let config = try parties.configure("mirror on\nstrip 2\ndirectory \(disk.folder)/in\naccept .*\n")
            try parties.prepare(config)
            #expect(try parties.post(["--parts", "i,128K"]).status == 0)
            for _ in 0..<2 {
                let bob = try parties.subscribe([config])
                usleep(.random(in: 20_000...700_000, using: &random))
                try disk.lose()
                bob.kill()
                disk.unmount()
                try disk.mount()
            }
            let bob = try parties.subscribe([config])
            let reports = try parties.reports { $0.contains { $0.user == "bob" && $0.description.contains("all ") } }
            let path = "\(disk.folder)/in/\(parties.name)/file"
            let whole = Tree.content(parties.source + "/file")
            #expect(
                waitUntil(seconds: 30) { Tree.content(path) == whole },
                "\(seed) round \(round): \(reports) \(bob.errors.suffix(3_000))")
            bob.send(SIGTERM)
            _ = try bob.outcome()
            // And it is so on the disk.
            disk.unmount()
            try disk.mount()
            #expect(Tree.content(path) == whole, "\(seed) round \(round)")
            #expect(TemporaryFolder.names(in: "\(disk.folder)/in/\(parties.name)") == ["file"])
        }
    }

    @Test("a file system mounted over the destination is used; when it is not mounted any more, nothing goes to what lies below")
    func mounted() throws {
        let parties = try Parties("mounted")
        let bob = try parties.subscribe([try parties.configure("mirror on\nstrip 2\n")])
        let root = parties.received + "/mounted"
        func post(_ name: String) throws {
            for number in 0..<20 { try Tree.write([UInt8(number)], to: "\(parties.source)/\(name)/\(number)") }
            #expect(try parties.post(paths: ["\(parties.source)/\(name)"]).status == 0)
        }
        func arrive(_ name: String) -> Bool { waitUntil(seconds: 40) { TemporaryFolder.tree(root + "/" + name).count == 20 } }
        try post("below")
        #expect(arrive("below"), "\(bob.errors)")
        try LoopDisk.run("mount", "-t", "tmpfs", "tmpfs", parties.received)
        var isMounted = true
        defer { if isMounted { _ = try? LoopDisk.run("umount", "-l", parties.received) } }
        try post("over")
        // Of the first, what was not safe on disk yet is brought there, too.
        #expect(arrive("over"), "\(bob.errors)")
        try LoopDisk.run("umount", "-l", parties.received)
        isMounted = false
        try post("later")
        #expect(waitUntil(seconds: 20) { bob.errors.contains("is not mounted any more") }, "\(bob.errors)")
        #expect(access(root + "/later", F_OK) != 0)
        try LoopDisk.run("mount", "-t", "tmpfs", "tmpfs", parties.received)
        isMounted = true
        #expect(arrive("later"), "\(bob.errors)")
        bob.send(SIGTERM)
        #expect(try bob.outcome().status <= 1, "\(bob.errors)")
    }

    // Found before: 7 of 34 runs had one or two acknowledged files damaged. Without a journal, what is lost of names and inodes stays in the
    // system's memory as if it were there: only writing all again helps, and only the program that saw the sync fail knows of it.
    @Test("a disk whose backing store is full for a while: what was acknowledged is on the disk", arguments: [true, false])
    func fullBelow(hasJournal: Bool) throws {
        var random = seed.generator()
        let files = try TemporaryFolder()
        try SmallFile.makeFolder(files.path("store"))
        try LoopDisk.run("mount", "-t", "tmpfs", "-o", "size=40M", "tmpfs", files.path("store"))
        defer { _ = try? LoopDisk.run("umount", "-l", files.path("store")) }
        let options = hasJournal ? [] : ["-O", "^has_journal"]
        let disk = try LoopDisk(
            "ext4", megabytes: 300, image: files.path("store/image"), at: files.path("disk"), options: options)
        defer { disk.unmount() }
        let parties = try Parties("fullbelow\(hasJournal)")
        for number in 0..<400 { try Tree.write(Tree.bytes(200_000, &random), to: "\(parties.source)/\(number)") }
        let config = try parties.configure("mirror on\nstrip 2\ndirectory \(disk.folder)/in\naccept .*\nretry_waits 2s\n")
        try parties.prepare(config)
        #expect(try parties.post().status == 0)
        var bob = try parties.subscribe([config])
        let fails = waitUntil(seconds: 60) { bob.errors.contains("safe on disk") || bob.errors.contains("cannot ") }
        #expect(fails, "the store is not full: \(bob.errors.suffix(2_000))")
        usleep(3_000_000)
        try LoopDisk.run("mount", "-o", "remount,size=400M", files.path("store"))
        if hasJournal {
            // Its journal is aborted, and it is read-only until it is mounted anew.
            bob.kill()
            disk.unmount()
            // It is marked as faulty: without a check its bitmaps may give one block to two files.
            _ = try Command(path: "/usr/bin/env").run(["e2fsck", "-fy", disk.image])
            try disk.mount()
            bob = try parties.subscribe([config])
        }
        let path = "\(disk.folder)/in/\(parties.name)"
        _ = waitUntil(seconds: 90) { TemporaryFolder.tree(path).count { !$0.hasSuffix(".dd.tmp") } == 400 }
        bob.send(SIGTERM)
        _ = try bob.outcome()
        let rest = try parties.command("dd_subscribe").run([config, "--exit_idle", "8"], seconds: 120)
        disk.unmount()
        try disk.mount()
        let wrong = (0..<400).filter { Tree.content("\(path)/\($0)") != Tree.content("\(parties.source)/\($0)") }
        #expect(wrong == [], "\(seed) \(rest.status) \(rest.errors.suffix(2_000))")
    }

    // Without the option: 7 files in 26 rounds, none of them acknowledged.
    @Test("with sync_before_rename a machine that loses its power has no file under its name that is not whole")
    func powerLoss() throws {
        var random = seed.generator()
        let files = try TemporaryFolder()
        let store = try LoopDisk(
            "xfs", megabytes: 3_000, image: files.path("store"), at: files.path("under"), options: ["-m", "reflink=1"])
        defer { store.unmount() }
        let disk = try LoopDisk("ext4", megabytes: 300, image: store.folder + "/image", at: files.path("disk"))
        defer { disk.unmount() }
        let parties = try Parties("powerloss")
        for number in 0..<1_500 { try Tree.write(Tree.bytes(20_000, &random), to: "\(parties.source)/\(number % 20)/\(number)") }
        let config = try parties.configure(
            "mirror on\nstrip 2\ndirectory \(disk.folder)/in\naccept .*\nsync_before_rename on\n")
        try parties.prepare(config)
        #expect(try parties.post().status == 0)
        let bob = try parties.subscribe([config])
        var copies: [String] = []
        for round in 0..<10 {
            usleep(.random(in: 50_000...400_000, using: &random))
            copies.append("\(store.folder)/copy\(round)")
            try LoopDisk.run("cp", "--reflink=always", disk.image, copies[round])
        }
        bob.send(SIGTERM)
        _ = try bob.outcome()
        var seen = 0
        for copy in copies {
            let after = try LoopDisk(image: copy, at: files.path("after"))
            let root = "\(after.folder)/in/powerloss"
            for name in TemporaryFolder.tree(root) where !name.hasSuffix(".dd.tmp") {
                seen += 1
                #expect(Tree.content("\(root)/\(name)") == Tree.content("\(parties.source)/\(name)"), "\(seed) \(copy) \(name)")
            }
            after.unmount()
        }
        #expect(seen > 0)
    }

    @Test("a name that the file system does not take is reported, and the others arrive")
    func names() throws {
        let files = try TemporaryFolder()
        try SmallFile.makeFolder(files.path("disk"))
        try LoopDisk.run("truncate", "-s", "64M", files.path("image"))
        try LoopDisk.run("mkfs.ntfs", "-q", "-F", files.path("image"))
        try LoopDisk.run("ntfs-3g", "-o", "windows_names", files.path("image"), files.path("disk"))
        defer { _ = try? LoopDisk.run("umount", "-l", files.path("disk")) }
        let parties = try Parties("ntfs")
        for name in ["a:b", "good"] { try Tree.write([1], to: "\(parties.source)/\(name)") }
        let config = try parties.configure("mirror on\nstrip 2\ndirectory \(files.path("disk"))/in\naccept .*\n")
        try parties.prepare(config)
        #expect(try parties.post().status == 0)
        let outcome = try parties.command("dd_subscribe").run([config, "--exit_idle", "2"])
        #expect(outcome.status == 1 && outcome.errors.contains("does not take such a name"), "\(outcome.errors)")
        let reports = try parties.reports { $0.count { $0.user == "bob" } >= 2 }
        #expect(reports.filter { $0.user == "bob" }.map(\.code).sorted() == ["201", "403"], "\(reports)")
    }

    @Test("a state folder on a full disk is no error of the command line")
    func fullState() throws {
        let parties = try Parties("fullstate")
        let config = try parties.configure()
        let state = parties.path("tiny")
        try SmallFile.makeFolder(state)
        try LoopDisk.run("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", state)
        defer { _ = try? LoopDisk.run("umount", "-l", state) }
        _ = try Command(path: "/bin/sh").run(["-c", "cat /dev/zero >\(state)/fill"])
        var command = parties.command("dd_subscribe")
        command.environment["DD_STATE_HOME"] = state + "/state"
        for action in [[], ["start"]] {
            let outcome = try command.run([config] + action)
            #expect(outcome.status == 71, "\(outcome)")
            #expect(outcome.errors.contains("no space left on device") || outcome.errors.contains("ended at once"), "\(outcome)")
        }
    }
}
