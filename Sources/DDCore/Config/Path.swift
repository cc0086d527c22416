import Glibc

/// Questions about paths in settings.
enum Path {
    /// Whether there is something other than a folder at `path`.
    static func isFile(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT != S_IFDIR
    }

    /// `path` from the root, without `.`, `..`, doubled and final `/`; a relative one begins at the working directory.
    static func absolute(_ path: String) -> String {
        var names: [Substring] = []
        let full = path.hasPrefix("/") ? path : workingDirectory() + "/" + path
        for name in full.split(separator: "/") where name != "." {
            if name == ".." { _ = names.popLast() } else { names.append(name) }
        }
        return "/" + names.joined(separator: "/")
    }

    private static func workingDirectory() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard getcwd(&buffer, buffer.count) != nil else { return "/" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
