import CLinux
import Glibc

/// The order in which commands to start and stop were given: each waits until those before it are done, so that what runs at the end is
/// what was asked for last. Held as long as this object or its process lives.
public final class ServiceTurn {
    private let descriptor: Int32
    private let number: Int64
    /// The byte whose lock is held while a number is drawn; numbers are below.
    private static let desk: Int64 = 1 << 60

    /// Takes the next number in the file of `stateHome`, made when absent (0600).
    public init(_ stateHome: String) throws(ProcessError) {
        try SmallFile.makeFolder(stateHome, mode: 0o700)
        let path = stateHome + "/services.turn"
        let descriptor = try SmallFile.openPlain(path, O_RDWR | O_CREAT, mode: 0o600)
        self.descriptor = descriptor
        guard dd_lock_range(descriptor, Self.desk, 1, 1) == 0 else {
            let code = errno
            close(descriptor)
            throw ProcessError("cannot lock \(path)", code)
        }
        var last: Int64 = 0
        _ = withUnsafeMutableBytes(of: &last) { pread(descriptor, $0.baseAddress, $0.count, 0) }
        // What is no number of ours begins anew.
        last = 0..<(Self.desk - 1) ~= last ? last + 1 : 1
        number = last
        let isTaken = dd_lock_range(descriptor, last, 1, 0) == 0
        let isWritten = withUnsafeBytes(of: &last) { FileBytes.write(descriptor, $0, at: 0) }
        let code = errno
        dd_unlock_range(descriptor, Self.desk, 1)
        guard isTaken, isWritten else {
            close(descriptor)
            throw ProcessError("cannot write \(path)", code)
        }
    }

    deinit { close(descriptor) }

    /// Waits until all who drew a number before have ended; false after `seconds`.
    public func comes(within seconds: Double) -> Bool {
        let end = Monotonic.now() + seconds
        // A length of 0 would be all that follows.
        while number > 1, dd_range_is_locked(descriptor, 1, number - 1) != 0 {
            guard Monotonic.now() < end else { return false }
            usleep(20_000)
        }
        return true
    }
}
