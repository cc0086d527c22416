import CLinux
import Glibc

/// Small text files that are read as a whole.
enum TextFile {
    /// Why a file could not be read.
    enum Failure: Error {
        /// A system call failed with this `errno`.
        case system(Int32)
        /// The bytes are no UTF-8.
        case notUTF8
        /// It is longer than `limit`.
        case tooLong

        /// The reason in words.
        var reason: String {
            switch self {
            case .system(let number): String(cString: strerror(number))
            case .notUTF8: "it is not UTF-8 text"
            case .tooLong: "it is longer than \(TextFile.limit) bytes"
            }
        }
    }

    /// No file of settings is longer, in bytes.
    static let limit = 16 << 20

    /// A file's text and its permission bits.
    struct Content {
        let text: String
        let mode: UInt32
    }

    /// The whole file at `path`, or why not.
    static func read(_ path: String) -> Result<Content, Failure> {
        do throws(Failure) { return .success(try content(path)) } catch { return .failure(error) }
    }

    private static func content(_ path: String) throws(Failure) -> Content {
        let descriptor = dd_openat(AT_FDCWD, path, O_RDONLY, 0)
        guard descriptor >= 0 else { throw .system(errno) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw .system(errno) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .system(errno) }
            if count == 0 { break }
            bytes.append(contentsOf: buffer.prefix(count))
            guard bytes.count <= limit else { throw .tooLong }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        return Content(text: text, mode: facts.st_mode & 0o7777)
    }

    /// The lines without their ends; the carriage return of files from elsewhere is taken off.
    static func lines(of text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(Substring(line.last == UInt8(ascii: "\r") ? line.dropLast() : line))
        }
    }
}

extension StringProtocol {
    /// Without blanks and tabs at both ends.
    var trimmed: SubSequence {
        var rest = self[...]
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }
}

extension TextFile.Failure {
    /// The file is not there.
    var isAbsence: Bool {
        guard case .system(let number) = self else { return false }
        return number == ENOENT || number == ENOTDIR
    }

    /// The file is there, or may be, and is not for this user.
    var isRefusal: Bool {
        guard case .system(let number) = self else { return false }
        return number == EACCES
    }
}
