import DDCore
import DDTestSupport
import Glibc

/// Folders as tests make and compare them. Names are bytes: to Swift two names are equal when they only look equal.
enum Tree {
    /// What is below a folder: for each file its size, digest and time, for each link its target, and the empty folders. Names are
    /// shown with their bytes outside of ASCII as `\xNN`.
    static func facts(_ folder: String, times: Bool = true) -> [String: String] {
        var facts: [String: String] = [:]
        collect(folder, "", times, &facts)
        return facts
    }

    /// The first differences of two trees, one line each; empty when they are the same.
    static func differences(_ wanted: [String: String], _ found: [String: String]) -> String {
        let names = Set(wanted.keys).union(found.keys).filter { wanted[$0] != found[$0] }.sorted()
        let lines = names.prefix(20).map { "\($0): \(wanted[$0] ?? "nothing") became \(found[$0] ?? "nothing")" }
        return lines.joined(separator: "\n") + (names.count > 20 ? "\nand \(names.count - 20) more" : "")
    }

    /// The digest and size of a file's bytes; `nil` when it cannot be read.
    static func content(_ path: String) -> String? {
        guard let bytes = SmallFile.bytes(path), let digest = try? Digest(.xxh128) else { return nil }
        bytes.withUnsafeBytes { digest.update($0) }
        return "\(bytes.count) bytes, " + digest.finish().map { String($0, radix: 16) }.joined(separator: ":")
    }

    /// Writes a file, and the folders on the way.
    static func write(_ bytes: [UInt8], to path: String) throws {
        if let slash = path.lastIndex(of: "/") { try SmallFile.makeFolder(String(path[..<slash])) }
        try write(bytes, toBytes: Array(path.utf8))
    }

    /// Writes a file whose path may be anything but NUL.
    static func write(_ bytes: [UInt8], toBytes path: [UInt8]) throws {
        let file = fopen((path + [0]).map { CChar(bitPattern: $0) }, "w")
        guard let file else { throw ProcessError("cannot write \(shown(path))", errno) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw ProcessError("cannot write \(shown(path))", errno) }
    }

    /// Random bytes.
    static func bytes(_ count: Int, _ generator: inout SplitMix64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count { withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) } }
        return Array(bytes.prefix(count))
    }

    /// The names below a folder that a transfer leaves behind when it does not clean up.
    static func leftovers(_ folder: String) -> [String] { TemporaryFolder.tree(folder).filter(isUnfinished) }

    /// Whether a path is that of a file on its way, or of its block map.
    static func isUnfinished(_ path: String) -> Bool {
        guard let name = path.split(separator: "/").last else { return false }
        return name.hasPrefix(".") && name.contains(".dd.") && name.hasSuffix(".tmp")
    }

    private static func collect(_ folder: String, _ prefix: String, _ times: Bool, _ facts: inout [String: String]) {
        let names = TemporaryFolder.names(in: folder)
        if names.isEmpty && !prefix.isEmpty { facts[prefix] = "an empty folder" }
        for name in names {
            let path = folder + "/" + name
            let key = prefix + shown(Array(name.utf8))
            var info = stat()
            guard lstat(path, &info) == 0 else { continue }
            switch info.st_mode & S_IFMT {
            case S_IFDIR: collect(path, key + "/", times, &facts)
            case S_IFLNK: facts[key] = "a link to " + target(path)
            default:
                let time = times ? ", \(info.st_mtim.tv_sec).\(info.st_mtim.tv_nsec)" : ""
                facts[key] = (content(path) ?? "unreadable") + time
            }
        }
    }

    private static func target(_ path: String) -> String {
        let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: 4096)
        defer { buffer.deallocate() }
        let count = readlink(path, buffer, 4096)
        return shown(UnsafeBufferPointer(start: buffer, count: max(0, count)).map { UInt8(bitPattern: $0) })
    }

    private static func shown(_ bytes: [UInt8]) -> String {
        bytes.map { 0x20..<0x7f ~= $0 ? String(UnicodeScalar($0)) : "\\x\(String($0, radix: 16))" }.joined()
    }
}
