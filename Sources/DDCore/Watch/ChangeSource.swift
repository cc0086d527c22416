import Glibc

/// Tells what changes in trees, as far as the system tells it. What it says is a hint where to look; whether anything changed is decided by
/// looking.
protocol ChangeSource: AnyObject, Sendable {
    /// For the log: how it knows.
    var name: String { get }
    /// The folder at `path` is about to be read: what changes in it from now on is told. Throws when the system has no room for another.
    func enter(_ path: String, _ info: stat) throws(FileError)
    /// Waits for events and hands them to `told` until `end` is readable; on a thread of its own.
    func read(until end: Int32, _ told: (Change) -> Void)
}

/// What a source tells.
enum Change: Equatable {
    /// Something of this name was closed by one who could write, made (a link, another name of a file), or brought there.
    case came(folder: String, name: String)
    /// A folder of this name was made or brought there.
    case folderCame(folder: String, name: String)
    /// The name went away.
    case went(folder: String, name: String)
    /// What is at `path` was at `former` before.
    case renamed(former: String, path: String)
    /// Events were lost: anything may have changed.
    case lost
}

/// Nothing is told: everything is looked at from time to time.
final class NoSource: ChangeSource {
    let name: String
    init(_ name: String) { self.name = name }
    func enter(_ path: String, _ info: stat) {}
    func read(until end: Int32, _ told: (Change) -> Void) {}
}

extension FileError {
    /// The user has no watch left (`fs.inotify.max_user_watches`).
    static let noWatchLeft = FileError(.system, "the system watches no more folders for this user")
}
