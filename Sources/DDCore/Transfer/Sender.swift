/// Puts files to another server, below one folder of it. Made and used on one thread; keeps connections for the next call.
///
/// Any call may be repeated, also after it threw. All throw `TransferError`: `.unsupported` for what the protocol cannot do, `.temporary` or
/// `.unreachable` for all that may be otherwise at another try, also what an administrator there can mend.
public protocol Sender: AnyObject {
    /// Puts a file there: under its lock name first, under its own when it is whole. Whether it went on where an earlier call was cut off.
    func send(_ file: OutgoingFile) throws -> Bool
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
    /// A file of this machine in which the sender notes what it has begun to send, so that it goes on only with the same bytes.
    public let note: String
    /// When it was changed last, for protocols that can say so; `nil`: not known.
    public let modified: Timestamp?
    /// Its mode (`chmod`), for protocols that can say so; `nil`: as the server makes it.
    public let mode: UInt16?

    /// Puts it together; `lock` is what lock names end in.
    init(_ path: String, to place: Place, lock: String, note: String, modified: Timestamp?, mode: UInt16?) {
        (self.path, self.place, self.note, self.modified, self.mode) = (path, place, note, modified, mode)
        lockName = IncomingFile.lockName(for: place.name, lock: lock)
    }
}
