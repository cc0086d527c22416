import CLinux
import Glibc

/// An exclusive lock on a file, held as long as this object or its process lives. Programs started meanwhile do not share it.
public final class FileLock: Sendable {
    /// The open file, for what its holder writes into it; closed when this ends.
    let descriptor: Int32

    /// Makes the file when absent (0600) and takes the lock; `nil` when somebody else holds it.
    public init?(_ path: String) throws(ProcessError) {
        descriptor = try SmallFile.openPlain(path, O_RDWR | O_CREAT, mode: 0o600)
        guard dd_try_lock(descriptor) == 0 else {
            let number = errno
            guard number == EAGAIN || number == EACCES else { throw ProcessError("cannot lock \(path)", number) }
            return nil
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
