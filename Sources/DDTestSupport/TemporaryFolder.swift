import DDCore
import Glibc

/// A folder of its own for one test, removed with all that is in it when this object goes.
public final class TemporaryFolder: Sendable {
    /// Absolute, without links and without a final `/`.
    public let path: String

    /// Makes the folder in `$TMPDIR`, or `/tmp`.
    public init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array((parent + "/dd_test.XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil, let real = realpath(template, nil) else {
            throw ProcessError("cannot make a folder in \(parent)", errno)
        }
        defer { free(real) }
        path = String(cString: real)
    }

    deinit { Self.remove(path) }

    /// The path of something in it.
    public func path(_ name: String) -> String { path + "/" + name }

    /// Writes a file in it, and the folders on the way; the path of the file is returned.
    @discardableResult
    public func write(_ text: String, to name: String, mode: UInt32 = 0o644) throws -> String {
        let whole = path(name)
        if let slash = whole.lastIndex(of: "/") { try SmallFile.makeFolder(String(whole[..<slash])) }
        try SmallFile.write(text, to: whole, mode: mode)
        return whole
    }

    /// Writes a file of these bytes in a folder that is there.
    public func write(_ bytes: [UInt8], to name: String) throws {
        guard let file = fopen(path(name), "w") else { throw ProcessError("cannot write \(path(name))", errno) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw ProcessError("cannot write \(path(name))", errno) }
    }

    /// Makes a folder in it; its path is returned.
    @discardableResult
    public func makeFolder(_ name: String) throws -> String {
        try SmallFile.makeFolder(path(name))
        return path(name)
    }

    /// Removes a file, a link or a whole folder; links are not followed.
    public static func remove(_ path: String) {
        guard unlink(path) != 0, errno == EISDIR || errno == EPERM else { return }
        for name in names(in: path) { remove(path + "/" + name) }
        rmdir(path)
    }

    /// The names in a folder, sorted, without `.` and `..`; none when it cannot be read.
    public static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var result: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { result.append(name) }
        }
        return result.sorted()
    }

    /// The paths of all files and links below a folder, relative to it, sorted.
    public static func tree(_ folder: String) -> [String] {
        names(in: folder).flatMap { name -> [String] in
            var status = stat()
            guard lstat(folder + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return [name] }
            return tree(folder + "/" + name).map { name + "/" + $0 }
        }
    }
}
