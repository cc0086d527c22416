/// A place below the document root, checked: no empty word, no `.` or `..`, no control character, each name at most 255 bytes.
public struct Place: Sendable, Hashable {
    /// The directories from the root down.
    public let directories: [String]
    /// The last name.
    public let name: String

    /// Reads a relative path: `/` in front and repeated `/` are passed over. Throws `FileError.notAllowed` for a path that could
    /// lead out of the root or cannot be a file's name.
    public init(_ path: some StringProtocol) throws(FileError) {
        var words: [String] = []
        // By bytes, as the system does: to Swift a '/' with a combining mark behind it is another character.
        for bytes in String(path).utf8.split(separator: UInt8(ascii: "/")) {
            let word = String(Substring(bytes))
            guard word != ".." && word != "." else {
                throw FileError(.notAllowed, "path '\(Self.shown(path))' leads out of its tree ('.' or '..')")
            }
            guard word.utf8.count <= 255 else {
                throw FileError(.notAllowed, "path '\(Self.shown(path))' has a name above 255 bytes")
            }
            words.append(word)
        }
        guard let name = words.popLast() else { throw FileError(.notAllowed, "an empty path names no file") }
        guard path.utf8.count < 4096 else { throw FileError(.notAllowed, "path '\(name)' is above 4,095 bytes") }
        guard !path.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
            throw FileError(.notAllowed, "path '\(Self.shown(path))' has a control character")
        }
        self.directories = words
        self.name = name
    }

    /// The place called `name` in the same directory. Throws as `init`.
    func renamed(_ name: String) throws(FileError) -> Place { try Place((directories + [name]).joined(separator: "/")) }

    /// `directories` and `name` joined by `/`.
    public var relpath: String { (directories + [name]).joined(separator: "/") }

    /// The path of the directory, empty for the root itself.
    public var directory: String { directories.joined(separator: "/") }

    /// Whether a symbolic link at this place that points to `target` stays below the root, or below the first `keeping` directories of
    /// the place, judged by the text alone. A `..` behind a name does not: the name may be a link, and the way up then begins elsewhere.
    public func contains(linkTarget target: String, keeping kept: Int = 0) -> Bool {
        guard let first = target.utf8.first, first != UInt8(ascii: "/") else { return false }
        var depth = directories.count
        var hasName = false
        for word in target.utf8.split(separator: UInt8(ascii: "/")) where !word.elementsEqual(".".utf8) {
            guard word.elementsEqual("..".utf8) else {
                hasName = true
                continue
            }
            depth -= 1
            if hasName || depth < kept { return false }
        }
        return true
    }

    private static func shown(_ path: some StringProtocol) -> String {
        String(String.UnicodeScalarView(path.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "?" : $0 }.prefix(200)))
    }
}
