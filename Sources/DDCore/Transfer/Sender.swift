/// Puts files to another server, below one folder of it. Made and used on one thread; keeps connections for the next call.
///
/// Any call may be repeated, also after it threw. All throw `TransferError`: `.unsupported` for what the protocol cannot do, `.temporary` or
/// `.unreachable` for all that may be otherwise at another try, also what an administrator there can mend.
public protocol Sender: AnyObject {
    /// Puts a file there: under its lock name first, under its own when it is whole.
    func send(_ file: OutgoingFile) throws
    /// Removes a file, link or empty folder. What is not there is no error.
    func remove(_ place: Place, isFolder: Bool) throws
    /// Makes a folder, and those above it. One that is there is no error.
    func makeFolder(_ place: Place) throws
    /// Makes a symbolic link, in the place of what is there.
    func link(_ place: Place, to target: String) throws
}

/// A file of this machine that is to be put elsewhere.
public struct OutgoingFile: Sendable {
    /// Where it is here.
    public let path: String
    /// Where it goes, below the destination.
    public let place: Place
    /// Under which name it is written.
    public let lockName: String
    /// When it was changed last, for protocols that can say so; `nil`: not known.
    public let modified: Timestamp?
    /// Its mode (`chmod`), for protocols that can say so; `nil`: as the server makes it.
    public let mode: UInt16?

    /// Puts it together; `lock` is what lock names end in.
    init(_ path: String, to place: Place, lock: String, modified: Timestamp?, mode: UInt16?) {
        (self.path, self.place, self.modified, self.mode) = (path, place, modified, mode)
        lockName = IncomingFile.lockName(for: place.name, lock: lock)
    }
}
