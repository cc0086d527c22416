import DDCore
import DDTestSupport
import Glibc
import Testing

/// A file system of a test's own, in a file: to be lost, filled and looked at. Needs the rights of root.
final class LoopDisk {
    /// Where the tests run that need it: `make faults`.
    static let isWanted = getenv("DD_TEST_FAULTS") != nil && geteuid() == 0

    /// The image.
    let image: String
    /// Where it is mounted.
    let folder: String
    private var isMounted = false

    /// Makes a file system of so many MiB, `ext4`, `xfs` or another that `mkfs.` knows, in the file `image`, and mounts it at `folder`.
    init(_ kind: String, megabytes: Int, image: String, at folder: String, options: [String] = []) throws {
        self.image = image
        self.folder = folder
        try SmallFile.makeFolder(folder)
        try Self.run("truncate", "-s", "\(megabytes)M", image)
        try Self.run("mkfs.\(kind)", ["-q"] + options + [image])
        try mount()
    }

    /// Mounts an image that is there.
    init(image: String, at folder: String) throws {
        self.image = image
        self.folder = folder
        try SmallFile.makeFolder(folder)
        try mount()
    }

    deinit { unmount() }

    func mount() throws {
        try Self.run("mount", "-o", "loop", image, folder)
        isMounted = true
    }

    /// What is still open there does not hinder.
    func unmount() {
        guard isMounted else { return }
        isMounted = false
        if (try? Self.run("umount", folder)) == nil { _ = try? Self.run("umount", "-l", folder) }
    }

    /// Takes the disk away without writing anything more to it (FS_IOC_SHUTDOWN, the journal's too).
    func lose() throws {
        let program =
            "import fcntl,os,struct,sys; fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))"
        try Self.run("python3", "-c", program, folder)
    }

    /// Runs a program to its end; throws when it fails.
    static func run(_ words: String...) throws { try run(words[0], Array(words.dropFirst())) }

    static func run(_ program: String, _ arguments: [String]) throws {
        let outcome = try Command(path: "/usr/bin/env").run([program] + arguments)
        try #require(outcome.status == 0, "\(program) \(arguments): \(outcome.errors)")
    }
}
