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
        /// Its files and links.
        public var files: Int64 = 0

        /// Nothing.
        public init() {}
    }

    /// The names of the trees that are there, sorted: directories right below the root, no links, named after a day that exists.
    public func days() -> [String] {
        guard let stream = opendir(root) else { return [] }
        defer { closedir(stream) }
        var days: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            guard Self.isDay(name) else { continue }
            var info = stat()
            if lstat("\(root)/\(name)", &info) == 0, info.st_mode & S_IFMT == S_IFDIR { days.append(name) }
        }
        return days.sorted()
    }

    /// What a source has in the trees of all days. Looks at every file of it.
    public func usage(of source: String) -> Usage {
        var usage = Usage()
        for day in days() {
            FileWalker.walk("\(root)/\(day)/\(source)") { found in
                if case .entry(_, let info) = found {
                    usage.files += 1
                    usage.bytes += Int64(info.st_size)
                }
                return true
            }
        }
        return usage
    }

    /// Removes the trees of the days before `first` (`YYYYMMDD`) and returns their names. Nothing else below the root is touched, links
    /// are removed and not followed, and what is mounted in a tree keeps it. What could not be removed is handed to `failed`, and comes up
    /// again the next time.
    public func remove(before first: String, failed: (FileError) -> Void) -> [String] {
        var removed: [String] = []
        for day in days() where day < first {
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
