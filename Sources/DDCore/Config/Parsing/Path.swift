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
        var names: [String] = []
        let slash = UInt8(ascii: "/")
        let full = path.utf8.first == slash ? path : workingDirectory() + "/" + path
        // By bytes, as the system does: to Swift a slash with a combining mark behind it is another character.
        for word in full.utf8.split(separator: slash) where !word.elementsEqual(".".utf8) {
            if word.elementsEqual("..".utf8) { _ = names.popLast() } else { names.append(String(Substring(word))) }
        }
        return "/" + names.joined(separator: "/")
    }

    private static func workingDirectory() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard getcwd(&buffer, buffer.count) != nil else { return "/" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
