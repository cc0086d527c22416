import CLinux
import Glibc

/// Walks a path: the file itself, or everything below a folder, in the order of the file system. Memory grows with the depth of the
/// tree, not with the number of files.
struct FileWalker {
    /// What was found.
    enum Found {
        /// A regular file, link or anything else that is no directory.
        case entry(path: String, info: stat)
        /// A directory without entries.
        case emptyDirectory(path: String, info: stat)
        /// Something that cannot be looked at, or whose name cannot be announced.
        case problem(FileError)
    }

    /// Calls `body` with each thing at and below `path` until it returns `false`, and `folders` for each folder below it. Links are not
    /// followed, nor are other file systems left out.
    static func walk(_ path: String, _ body: (Found) throws -> Bool, folders: () -> Void = {}) rethrows {
        var info = stat()
        guard lstat(path, &info) == 0 else {
            _ = try body(.problem(FileError("cannot look at \(path)")))
            return
        }
        if info.st_mode & S_IFMT == S_IFDIR {
            _ = try walk(directory: path, info, folders, body)
        } else {
            _ = try body(.entry(path: path, info: info))
        }
    }

    /// One directory whose entries are being read.
    private struct Level {
        let reader: DirectoryReader
        let path: String
        let info: stat
        var isEmpty = true
    }

    private static func walk(
        directory path: String, _ info: stat, _ folders: () -> Void, _ body: (Found) throws -> Bool
    ) rethrows -> Bool {
        var levels: [Level] = []
        switch opened(path) {
        case .failure(let error): return try body(.problem(error))
        case .success(let reader): levels.append(Level(reader: reader, path: path, info: info))
        }
        while let level = levels.last {
            let bytes: [UInt8]
            switch next(level.reader) {
            case .success(let name?): bytes = name
            case .success(nil):
                levels.removeLast()
                if level.isEmpty, try !body(.emptyDirectory(path: level.path, info: level.info)) { return false }
                continue
            case .failure(let error):
                levels.removeLast()
                if try !body(.problem(error)) { return false }
                continue
            }
            levels[levels.count - 1].isEmpty = false
            guard let name = announceable(bytes) else {
                let shown = bytes.map {
                    0x20..<0x7f ~= $0
                        ? String(UnicodeScalar($0)) : "\\x\(String($0 >> 4, radix: 16))\(String($0 & 15, radix: 16))"
                }
                let what =
                    "'\(level.path)/\(shown.joined())' cannot be announced: its name has control characters or is not UTF-8"
                if try !body(.problem(FileError(.notAllowed, what))) { return false }
                continue
            }
            let below = level.path == "/" ? "/\(name)" : "\(level.path)/\(name)"
            var info = stat()
            guard lstat(below, &info) == 0 else {
                if try !body(.problem(FileError("cannot look at \(below)"))) { return false }
                continue
            }
            guard info.st_mode & S_IFMT == S_IFDIR else {
                if try !body(.entry(path: below, info: info)) { return false }
                continue
            }
            switch opened(below) {
            case .failure(let error): if try !body(.problem(error)) { return false }
            case .success(let reader):
                folders()
                levels.append(Level(reader: reader, path: below, info: info))
            }
        }
        return true
    }

    private static func opened(_ path: String) -> Result<DirectoryReader, FileError> {
        do throws(FileError) { return .success(try DirectoryReader(at: path)) } catch { return .failure(error) }
    }

    private static func next(_ reader: DirectoryReader) -> Result<[UInt8]?, FileError> {
        do throws(FileError) { return .success(try reader.next()) } catch { return .failure(error) }
    }

    /// The name as text, unless it has control characters or is not UTF-8: such names cannot travel.
    static func announceable(_ bytes: [UInt8]) -> String? {
        guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }), let name = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        return name.unicodeScalars.contains { 0x80...0x9f ~= $0.value } ? nil : name
    }
}
