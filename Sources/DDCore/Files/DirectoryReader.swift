import CLinux
import Glibc

/// One directory whose entries are being read (`readdir(3)`), in the order of the file system and without `.` and `..`. What cannot be
/// read is an error, and never the end.
final class DirectoryReader {
    private let stream: OpaquePointer
    private let shown: String

    /// Reads the directory at `path`; the last name may be a link.
    init(at path: String) throws(FileError) {
        guard let stream = opendir(path) else { throw FileError("cannot read folder \(path)") }
        (self.stream, shown) = (stream, path)
    }

    /// Reads an open directory from its beginning, through a descriptor of its own. `shown` is its path in errors.
    init(of directory: Int32, shown: String) throws(FileError) {
        let own = dd_openat(directory, ".", O_RDONLY | O_DIRECTORY, 0)
        guard own >= 0 else { throw FileError("cannot read folder \(shown)") }
        guard let stream = fdopendir(own) else {
            let error = FileError("cannot read folder \(shown)")
            close(own)
            throw error
        }
        (self.stream, self.shown) = (stream, shown)
    }

    deinit { closedir(stream) }

    /// The bytes of the next name, which need not be UTF-8; `nil` at the end.
    func next() throws(FileError) -> [UInt8]? {
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw FileError("cannot read folder \(shown)") }
                return nil
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [0x2e], name != [0x2e, 0x2e] { return name }
        }
    }

    /// The next name that is UTF-8; others are passed over. For directories in which only names of our own are looked for.
    func nextText() throws(FileError) -> String? {
        while let name = try next() {
            if let text = String(validating: name, as: UTF8.self) { return text }
        }
        return nil
    }
}
