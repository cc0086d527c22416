import CLinux
import Glibc

/// Files that wait for blocks: what a user is told who asks why a file is not there.
public struct IncompleteFile: Sendable, Equatable {
    /// The path below the root.
    public let path: String
    /// Bytes; `nil` until a block has told it.
    public let size: Int64?
    /// Blocks in the file.
    public let count: Int64
    /// The blocks that are missing, as ranges, lowest first; none when it only waits for the user's program.
    public let missing: [ClosedRange<Int64>]
    /// When it was announced.
    public let announced: Timestamp
    /// When its first block came.
    public let begun: Timestamp

    /// One line for the user: `PATH<TAB>12 of 100 blocks missing since TIME: 3, 7-17`. At most 20 ranges are named.
    public var line: String {
        let blocks = missing.reduce(0) { $0 + $1.upperBound - $1.lowerBound + 1 }
        let ranges = missing.prefix(20).map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        let more = missing.count > 20 ? " and more" : ""
        let what = missing.isEmpty ? "complete, waits for on_file" : "\(blocks) of \(count) blocks missing"
        let which = missing.isEmpty ? "" : ": " + ranges.joined(separator: ", ") + more
        return "\(path)\t\(what), begun \(begun.wire.prefix(14))\(which)"
    }

    /// All below `root`, in no order. Links are not followed. `lock` is the option of that name.
    public static func list(below root: String, lock: String) -> [IncompleteFile] {
        var found: [IncompleteFile] = []
        FileWalker.walk(root) { entry in
            // By bytes: a slash with a combining mark behind it is another character to Swift.
            guard case .entry(let path, _) = entry, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")),
                let name = String(path.utf8[path.utf8.index(after: slash)...]), BlockNames.isMap(name, lock: lock),
                let folder = String(path.utf8[..<slash]), let file = IncompleteFile(map: name, folder: folder, root: root)
            else { return true }
            found.append(file)
            return true
        }
        return found
    }

    /// What `status` says of those below `roots`: one line each.
    public static func report(below roots: [String], lock: String) -> String {
        // A root may have a date or the like in it: above that everything is looked at.
        let fixed = roots.map { root in
            guard let template = root.firstRange(of: "${"), let slash = root[..<template.lowerBound].lastIndex(of: "/") else {
                return root
            }
            return String(root[..<slash])
        }
        return Set(fixed).sorted().flatMap { root in
            list(below: root, lock: lock).map { "incomplete: \(root)/\($0.line)\n" }.sorted()
        }.joined()
    }

    private init?(map name: String, folder: String, root: String) {
        let directory = dd_openat(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY, 0)
        guard directory >= 0 else { return nil }
        defer { Glibc.close(directory) }
        guard let map = try? BlockMap(directory: directory, fileName: name, shown: "\(folder)/\(name)") else { return nil }
        let state: (BlockMapHeader, [ClosedRange<Int64>])?? = try? map.locked {
            try map.header().map { ($0, $0.isComplete ? [] : try map.missing(of: $0.version)) }
        }
        guard let (header, missing) = state ?? nil, !header.steps.contains(.done) else { return nil }
        let below = folder.utf8.count > root.utf8.count ? String(Substring(folder.utf8.dropFirst(root.utf8.count + 1))) + "/" : ""
        self.path = below + header.name
        (size, count, self.missing) = (header.size, header.version.count, missing)
        (announced, begun) = (header.version.announced, header.begun)
    }
}
