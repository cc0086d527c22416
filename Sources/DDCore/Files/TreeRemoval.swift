import CLinux
import Glibc

/// Removes a directory with all that is in it. Goes down and up by descriptors, never by paths, so that a directory that somebody
/// replaces by a link meanwhile leads nowhere; memory and descriptors do not grow with the tree.
struct TreeRemoval {
    /// A directory above the present one: how it is recognised when the way leads back to it, and what the one below is called in it.
    private struct Step {
        let device: dev_t
        let inode: ino_t
        let name: [CChar]
    }

    private let path: String
    private var current: Int32
    private var above: [Step] = []

    /// Removes the directory `name`, one word, below `root`.
    static func remove(_ name: String, below root: String) throws(FileError) {
        let parent = dd_openat(AT_FDCWD, root, O_RDONLY | O_DIRECTORY, 0)
        guard parent >= 0 else { throw FileError("cannot open \(root)") }
        var removal = TreeRemoval(path: "\(root)/\(name)", current: parent)
        defer { close(removal.current) }
        try removal.descend(to: Array(name.utf8CString))
        while !removal.above.isEmpty {
            if let directory = try removal.emptyUpToDirectory() {
                try removal.descend(to: directory)
            } else {
                try removal.ascendAndRemove()
            }
        }
    }

    private init(path: String, current: Int32) {
        self.path = path
        self.current = current
    }

    /// Removes what is no directory from the present one, until one is found: its name, or `nil` when nothing is left.
    private func emptyUpToDirectory() throws(FileError) -> [CChar]? {
        let reader = try DirectoryReader(of: current, shown: path)
        while let bytes = try reader.next() {
            let name = bytes.map { CChar(bitPattern: $0) } + [0]
            if unlinkat(current, name, 0) == 0 || errno == ENOENT { continue }
            guard errno == EISDIR || errno == EPERM else { throw failure("cannot remove a file") }
            return name
        }
        return nil
    }

    private mutating func descend(to name: [CChar]) throws(FileError) {
        var here = stat()
        guard fstat(current, &here) == 0 else { throw failure("cannot look at a directory") }
        let next = name.withUnsafeBufferPointer { name in
            name.baseAddress.map { dd_openat(current, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0) } ?? -1
        }
        guard next >= 0 else { throw failure("cannot enter a directory") }
        var there = stat()
        guard fstat(next, &there) == 0, there.st_dev == here.st_dev else {
            close(next)
            throw FileError(.notAllowed, "cannot remove \(path): another file system is mounted in it")
        }
        close(current)
        current = next
        above.append(Step(device: here.st_dev, inode: here.st_ino, name: name))
    }

    private mutating func ascendAndRemove() throws(FileError) {
        guard let step = above.popLast() else { return }
        let parent = dd_openat(current, "..", O_RDONLY | O_DIRECTORY, 0)
        guard parent >= 0 else { throw failure("cannot go back to a directory") }
        var info = stat()
        guard fstat(parent, &info) == 0, info.st_dev == step.device, info.st_ino == step.inode else {
            close(parent)
            throw FileError(.notAllowed, "cannot remove \(path): a directory in it was moved meanwhile")
        }
        close(current)
        current = parent
        guard unlinkat(current, step.name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw failure("cannot remove a directory")
        }
    }

    private func failure(_ what: String) -> FileError { FileError("\(what) in \(path)") }
}
