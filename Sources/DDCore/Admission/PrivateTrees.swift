import Glibc

/// The trees that sources of this switch have given to users, and to whom: a file for each source, which all processes of the switch on this
/// machine read and write. Lines of tree, tab, and users with commas between.
final class PrivateTrees: Sendable {
    /// What a file says, as it was when it was read.
    private struct Known {
        let stamp: Stamp
        let trees: [String: [String]]
    }

    /// By which it is seen that a file is another one: it is only ever replaced.
    private struct Stamp: Equatable {
        var number: UInt = 0
        var seconds = 0
        var nanoseconds = 0
    }

    private let folder: String
    private let known = Guarded<[String: Known]>([:])

    /// The files are in `folder`, which is made when something is to be written.
    init(_ folder: String) { self.folder = folder }

    /// The tree of `source` in which `path` is, the smallest of several, and its users; `nil`: none. Throws when it is not known: then nobody can
    /// say that it is public.
    func tree(around path: String, of source: String) throws -> (name: String, users: [String])? {
        let trees = try all(of: source)
        guard !trees.isEmpty else { return nil }
        var words = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
        while !words.isEmpty {
            let name = words.joined(separator: "/")
            if let users = trees[name] { return (name, users) }
            words.removeLast()
        }
        return nil
    }

    /// All trees of `source` with their users. Throws when the file cannot be read.
    func all(of source: String) throws -> [String: [String]] {
        let path = "\(folder)/\(source)"
        let stamp = try Self.stamp(of: path)
        if let known = known.withLock({ $0[source] }), known.stamp == stamp { return known.trees }
        var trees: [String: [String]] = [:]
        for line in try SmallFile.lines(path) {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 2 else {
                throw ProcessError("cannot understand \(path), which says who may have private trees", EINVAL)
            }
            trees[String(fields[0])] = fields[1].split(separator: ",").map(String.init)
        }
        known.withLock { $0[source] = Known(stamp: stamp, trees: trees) }
        return trees
    }

    /// A source has at most so many private trees, each for so many users: the list is read whole for each change, and told in one message.
    static let (mostTrees, mostUsers) = (10_000, 1_000)

    /// A bound that a change would pass.
    struct TooMany: Error, CustomStringConvertible {
        let description: String
    }

    /// Gives a tree of `source` to users, or takes it from them. Returns who had it before, and has it now; both are `nil` where there is no such
    /// tree to be taken from anybody.
    func change(_ permit: Permit, of source: String, _ users: [String]) throws -> (before: [String], after: [String])? {
        try SmallFile.makeFolder(folder, mode: 0o750)
        let lock = try hold()
        defer { withExtendedLifetime(lock) {} }
        var trees = try all(of: source)
        let before = trees[permit.tree]
        guard permit.action == .grant || before != nil else { return nil }
        var after = Set(before ?? [])
        if permit.action == .grant { after.formUnion(users) } else { after.subtract(users) }
        trees[permit.tree] = after.sorted()
        guard trees.count <= Self.mostTrees else {
            throw TooMany(description: "\(source) has \(Self.mostTrees) private trees already")
        }
        guard after.count <= Self.mostUsers else { throw TooMany(description: "a tree is for \(Self.mostUsers) users at most") }
        let lines = trees.sorted { $0.key < $1.key }.map { "\($0)\t\($1.joined(separator: ","))\n" }
        try SmallFile.write(lines.joined(), to: "\(folder)/\(source)", mode: 0o600)
        return (before ?? [], after.sorted())
    }

    /// Held by one process at a time, for a few milliseconds.
    private func hold() throws(ProcessError) -> FileLock {
        for _ in 0..<200 {
            if let lock = try FileLock("\(folder)/.lock") { return lock }
            usleep(5_000)
        }
        throw ProcessError("cannot have \(folder)/.lock, which another process has held for a second", EAGAIN)
    }

    private static func stamp(of path: String) throws(ProcessError) -> Stamp {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            if errno == ENOENT { return Stamp() }
            throw ProcessError("cannot look at \(path)", errno)
        }
        return Stamp(number: UInt(facts.st_ino), seconds: facts.st_mtim.tv_sec, nanoseconds: facts.st_mtim.tv_nsec)
    }
}
