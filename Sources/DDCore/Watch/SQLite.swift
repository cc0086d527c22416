import CSQLite
import Glibc

/// A database file of SQLite: the only place that calls its C functions. Belongs to one thread.
final class SQLite {
    private let handle: OpaquePointer
    private let path: String

    /// Opens the file at `path`, made when absent. Changes are safe from the death of the process at once (write-ahead log), and from a power cut
    /// soon. Throws what SQLite says, also of a file that is none of its own.
    init(_ path: String) throws(SQLiteError) {
        var opened: OpaquePointer?
        let status = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
        guard status == SQLITE_OK, let opened else {
            let text = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(opened)
            throw SQLiteError("cannot open \(path): \(text)")
        }
        (handle, self.path) = (opened, path)
        sqlite3_busy_timeout(handle, 5_000)
        try execute("PRAGMA journal_mode=WAL")
        try execute("PRAGMA synchronous=NORMAL")
        // Negative: KiB. With the default of 2 MiB a tree of a million files is slow to go through.
        try execute("PRAGMA cache_size=-16384")
    }

    deinit { sqlite3_close_v2(handle) }

    /// Runs statements without results (`sqlite3_exec`).
    func execute(_ text: String) throws(SQLiteError) {
        guard sqlite3_exec(handle, text, nil, nil, nil) == SQLITE_OK else { throw failure() }
    }

    /// A statement to be run many times (`sqlite3_prepare_v3`).
    func prepare(_ text: String) throws(SQLiteError) -> Statement {
        var statement: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        guard sqlite3_prepare_v3(handle, text, -1, flags, &statement, nil) == SQLITE_OK, let statement else { throw failure() }
        return Statement(statement, of: self)
    }

    /// The number of the row that was inserted last.
    var lastRow: Int64 { sqlite3_last_insert_rowid(handle) }

    fileprivate func failure() -> SQLiteError { SQLiteError("\(path): \(String(cString: sqlite3_errmsg(handle)))") }

    /// A prepared statement; keeps its database open.
    final class Statement {
        private let handle: OpaquePointer
        private let database: SQLite

        fileprivate init(_ handle: OpaquePointer, of database: SQLite) { (self.handle, self.database) = (handle, database) }

        deinit { sqlite3_finalize(handle) }

        /// Runs it with `values`, and calls `row` for each row.
        func run(_ values: SQLiteValue..., row: (Statement) -> Void = { _ in }) throws(SQLiteError) {
            defer { sqlite3_reset(handle) }
            for (index, value) in values.enumerated() {
                let place = Int32(index + 1)
                let status =
                    switch value {
                    case .integer(let number): sqlite3_bind_int64(handle, place, number)
                    case .text(let text): sqlite3_bind_text(handle, place, text, Int32(text.utf8.count), dd_sqlite_copied())
                    }
                guard status == SQLITE_OK else { throw database.failure() }
            }
            while true {
                switch sqlite3_step(handle) {
                case SQLITE_ROW: row(self)
                case SQLITE_DONE: return
                default: throw database.failure()
                }
            }
        }

        /// A column of the row at hand, counted from 0.
        func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

        /// A column of the row at hand, counted from 0.
        func text(_ column: Int32) -> String {
            guard let bytes = sqlite3_column_text(handle, column) else { return "" }
            let count = Int(sqlite3_column_bytes(handle, column))
            return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
        }
    }
}

/// What is put into a statement.
enum SQLiteValue {
    case integer(Int64)
    case text(String)
}

/// What SQLite says is wrong, with the file.
public struct SQLiteError: Error, CustomStringConvertible {
    /// For the log.
    public let description: String

    init(_ description: String) { self.description = description }
}
