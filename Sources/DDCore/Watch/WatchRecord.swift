import Glibc

/// What dd_watch has announced of its trees, in a file that outlives it: the state of each file, link and folder when the broker confirmed its post.
///
///     folders: id, path (from the root of the machine)
///     entries: folder, name, kind, inode, size, time (of the last change of the content, nanoseconds since 1970)
///
/// Changes are gathered in a transaction until `commit`. A killed process loses those of its last moment, and announces them again.
final class WatchRecord {
    /// What a name stood for.
    struct Entry: Equatable {
        enum Kind: Int64 {
            case file = 0
            case link = 1
            case folder = 2
        }

        let kind: Kind
        let inode: Int64
        let size: Int64
        let time: Int64

        init(kind: Kind, inode: Int64, size: Int64, time: Int64) {
            (self.kind, self.inode, self.size, self.time) = (kind, inode, size, time)
        }

        /// `nil`: of something that is not announced, a device, socket or pipe.
        init?(_ info: stat) {
            inode = Int64(bitPattern: UInt64(info.st_ino))
            switch info.st_mode & S_IFMT {
            case S_IFREG: kind = .file
            case S_IFLNK: kind = .link
            case S_IFDIR:
                // Its time and size change with each entry. What is mounted there is worth knowing.
                (kind, size, time) = (.folder, Int64(bitPattern: UInt64(info.st_dev)), 0)
                return
            default: return nil
            }
            size = Int64(info.st_size)
            time = Int64(info.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(info.st_mtim.tv_nsec)
        }
    }

    private let database: SQLite
    private let folderOfPath: SQLite.Statement
    private let newFolder: SQLite.Statement
    private let foldersBelow: SQLite.Statement
    private let forgetFolder: SQLite.Statement
    private let entry: SQLite.Statement
    private let entries: SQLite.Statement
    private let put: SQLite.Statement
    private let remove: SQLite.Statement
    private let removeAll: SQLite.Statement
    private var numbers: [String: Int64] = [:]
    private var changes = 0
    private var committed = Monotonic.now()

    /// Whether everything was looked at once (`PRAGMA user_version`).
    private(set) var isComplete = false

    /// Folders whose numbers are kept at hand; changes, and seconds, until a commit.
    private static let (maxNumbers, maxChanges, interval) = (20_000, 5_000, 0.5)

    /// Opens the record at `path`, 0600.
    init(_ path: String) throws {
        try SmallFile.makeFolder(holding: path, mode: 0o700)
        close(try SmallFile.openPlain(path, O_RDWR | O_CREAT, mode: 0o600))
        database = try SQLite(path)
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS folders (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
            CREATE TABLE IF NOT EXISTS entries (folder INTEGER NOT NULL, name TEXT NOT NULL, kind INTEGER NOT NULL, inode INTEGER NOT NULL,
                size INTEGER NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (folder, name)) WITHOUT ROWID;
            """)
        let version = try database.prepare("PRAGMA user_version")
        folderOfPath = try database.prepare("SELECT id FROM folders WHERE path = ?1")
        newFolder = try database.prepare("INSERT INTO folders (path) VALUES (?1)")
        foldersBelow = try database.prepare("SELECT path FROM folders WHERE path = ?1 OR path >= ?1 || '/' AND path < ?1 || '0'")
        forgetFolder = try database.prepare("DELETE FROM folders WHERE id = ?1")
        entry = try database.prepare("SELECT kind, inode, size, time FROM entries WHERE folder = ?1 AND name = ?2")
        entries = try database.prepare("SELECT kind, inode, size, time, name FROM entries WHERE folder = ?1")
        put = try database.prepare("INSERT OR REPLACE INTO entries VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        remove = try database.prepare("DELETE FROM entries WHERE folder = ?1 AND name = ?2")
        removeAll = try database.prepare("DELETE FROM entries WHERE folder = ?1")
        try version.run { isComplete = $0.integer(0) > 0 }
        try database.execute("BEGIN")
    }

    /// Everything was looked at once.
    func complete() throws {
        guard !isComplete else { return }
        try database.execute("PRAGMA user_version=1; COMMIT; BEGIN")
        isComplete = true
    }

    /// What is known of a name; `nil`: nothing.
    func find(_ folder: String, _ name: String) throws -> Entry? {
        guard let number = try number(of: folder) else { return nil }
        var found: Entry?
        try entry.run(.integer(number), .text(name)) { found = Self.entry($0) }
        return found
    }

    /// All that is known of a folder's names.
    func names(in folder: String) throws -> [String: Entry] {
        guard let number = try number(of: folder) else { return [:] }
        var found: [String: Entry] = [:]
        try entries.run(.integer(number)) { found[$0.text(4)] = Self.entry($0) }
        return found
    }

    /// The known folders at and below `path`, those with nothing in them left out.
    func folders(below path: String) throws -> [String] {
        var found: [String] = []
        try foldersBelow.run(.text(path)) { found.append($0.text(0)) }
        return found
    }

    /// Remembers what a name stands for; `nil`: for nothing any more.
    func set(_ folder: String, _ name: String, _ entry: Entry?) throws {
        if let entry {
            let number = try self.number(of: folder) ?? makeNumber(of: folder)
            try put.run(
                .integer(number), .text(name), .integer(entry.kind.rawValue), .integer(entry.inode), .integer(entry.size),
                .integer(entry.time))
        } else if let number = try number(of: folder) {
            try remove.run(.integer(number), .text(name))
        }
        try changed()
    }

    /// Forgets a folder's names, but not those of the folders in it.
    func forget(_ folder: String) throws {
        guard let number = try number(of: folder) else { return }
        try removeAll.run(.integer(number))
        try forgetFolder.run(.integer(number))
        numbers[folder] = nil
        try changed()
    }

    /// Makes what was changed last as long as the file, when it is time, or `now`.
    func commit(now: Bool = false) throws {
        guard changes > 0, now || changes >= Self.maxChanges || Monotonic.now() - committed >= Self.interval else { return }
        try database.execute("COMMIT; BEGIN")
        (changes, committed) = (0, Monotonic.now())
    }

    private func changed() throws {
        changes += 1
        try commit()
    }

    private func number(of folder: String) throws -> Int64? {
        if let number = numbers[folder] { return number }
        var found: Int64?
        try folderOfPath.run(.text(folder)) { found = $0.integer(0) }
        if let found { keep(found, folder) }
        return found
    }

    private func makeNumber(of folder: String) throws -> Int64 {
        try newFolder.run(.text(folder))
        keep(database.lastRow, folder)
        return database.lastRow
    }

    private func keep(_ number: Int64, _ folder: String) {
        if numbers.count >= Self.maxNumbers { numbers = [:] }
        numbers[folder] = number
    }

    private static func entry(_ row: SQLite.Statement) -> Entry {
        Entry(
            kind: Entry.Kind(rawValue: row.integer(0)) ?? .file, inode: row.integer(1), size: row.integer(2), time: row.integer(3)
        )
    }
}
