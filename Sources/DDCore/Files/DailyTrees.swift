import CLinux
import Glibc

/// The trees `YYYYMMDD/<source>/` below a document root, one for each day: measured for quotas, and removed when they are old.
public struct DailyTrees: Sendable {
    /// The document root.
    public let root: String

    /// The trees below the document root `root`.
    public init(root: String) {
        self.root = root
    }

    /// What a source has on disk.
    public struct Usage: Sendable, Equatable {
        /// Bytes of its files.
        public var bytes: Int64 = 0
        /// Its files, links and folders.
        public var files: Int64 = 0

        /// Nothing, or so much.
        public init(bytes: Int64 = 0, files: Int64 = 0) { (self.bytes, self.files) = (bytes, files) }

        /// No less than nothing.
        var atLeastNothing: Usage { Usage(bytes: max(0, bytes), files: max(0, files)) }

        static func + (left: Usage, right: Usage) -> Usage {
            Usage(bytes: sum(left.bytes, right.bytes), files: sum(left.files, right.files))
        }

        static func - (left: Usage, right: Usage) -> Usage {
            Usage(bytes: sum(left.bytes, -max(right.bytes, -Int64.max)), files: sum(left.files, -max(right.files, -Int64.max)))
        }

        /// Numbers from messages and disks may be anything: at the end of what a number can be, a sum stays there.
        private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
            let (sum, overflow) = left.addingReportingOverflow(right)
            return overflow ? (right < 0 ? .min : .max) : sum
        }

        /// What the file or link at `path` adds; nothing when there is none or it is a directory.
        init(ofFile path: String) {
            var info = stat()
            guard lstat(path, &info) == 0, info.st_mode & S_IFMT != S_IFDIR else { return }
            (bytes, files) = (Int64(info.st_size), 1)
        }
    }

    /// The names of the trees that are there, sorted: directories right below the root, no links, named after a day that exists. None where
    /// there is no root yet.
    public func days() throws(FileError) -> [String] {
        let reader: DirectoryReader
        do throws(FileError) { reader = try DirectoryReader(at: root) } catch {
            if error.code == .missing { return [] }
            throw error
        }
        var days: [String] = []
        while let name = try reader.nextText() {
            guard Self.isDay(name) else { continue }
            var info = stat()
            if lstat("\(root)/\(name)", &info) == 0, info.st_mode & S_IFMT == S_IFDIR { days.append(name) }
        }
        return days.sorted()
    }

    /// What a source has in the trees of all days: files, links, unfinished files with the size that they will have, and the folders below
    /// its tree. Block maps do not count; `lock` is the option of that name. Looks at every file of it. Throws when a folder cannot be read: what it
    /// holds is not known.
    public func usage(of source: String, lock: String = IncomingFile.defaultLock) throws(FileError) -> Usage {
        var usage = Usage()
        for day in try days() {
            var unknown: FileError?
            FileWalker.walk("\(root)/\(day)/\(source)") { found in
                switch found {
                case .entry(let path, let info):
                    if !BlockNames.isMap(Self.lastName(of: path), lock: lock) {
                        usage = usage + Usage(bytes: Int64(info.st_size), files: 1)
                    }
                // Removed while the tree is walked, or never there. A name that cannot travel was not stored by us.
                case .problem(let error): if error.code == .system { unknown = error }
                case .emptyDirectory: break
                }
                return unknown == nil
            } folders: {
                usage.files += 1
            }
            if let unknown { throw unknown }
        }
        return usage
    }

    private static func lastName(of path: String) -> String {
        // By bytes: a slash with a combining mark behind it is another character to Swift.
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path.utf8[path.utf8.index(after: slash)...]) ?? path
    }

    /// Removes the trees of the days before `first` (`YYYYMMDD`) and returns their names. Nothing else below the root is touched, links
    /// are removed and not followed, and what is mounted in a tree keeps it. What could not be removed is handed to `failed`, and comes up
    /// again the next time.
    public func remove(before first: String, failed: (FileError) -> Void) -> [String] {
        var removed: [String] = []
        let days: [String]
        do throws(FileError) { days = try self.days() } catch {
            failed(error)
            return []
        }
        for day in days where day < first {
            do throws(FileError) {
                try TreeRemoval.remove(day, below: root)
                removed.append(day)
            } catch {
                failed(error)
            }
        }
        return removed
    }

    /// The first day that is kept when the trees of `days` days before that of `now` are to stay.
    public static func firstKept(days: Int, now: Timestamp) -> String {
        Timestamp(seconds: now.seconds - Int64(min(days, 1_000_000)) * 86_400).day
    }

    /// Whether `name` is eight digits that name a day of the calendar.
    static func isDay(_ name: String) -> Bool {
        let digits = Array(name.utf8)
        guard digits.count == 8, digits.allSatisfy({ 0x30...0x39 ~= $0 }) else { return false }
        func number(_ range: Range<Int>) -> Int64 { digits[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) } }
        return Calendar.days(year: number(0..<4), month: number(4..<6), day: number(6..<8)) != nil
    }
}
