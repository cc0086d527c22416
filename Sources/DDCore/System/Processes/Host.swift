import CLinux

/// This machine, for those who must know whether it was started anew.
public enum Host {
    /// 16 bytes that the system makes at each start (`/proc/sys/kernel/random/boot_id`); zeros where there are none.
    public static let thisStart: [UInt8] = {
        let digits = (SmallFile.text("/proc/sys/kernel/random/boot_id") ?? "").filter(\.isHexDigit)
        return Hexadecimal.bytes(digits, count: 16) ?? [UInt8](repeating: 0, count: 16)
    }()

    /// 16 bytes for this start of the machine and this mount of the file system that `directory` is on: a disk that is lost and mounted
    /// again has other ones. Where the system has no such number for a mount (before Linux 6.8), they are this process's own.
    static func mount(of directory: Int32) -> [UInt8] {
        let number = dd_mount_number(directory)
        var bytes = thisStart
        for index in 0..<8 {
            bytes[8 + index] ^= UInt8(truncatingIfNeeded: (number == 0 ? thisProcess : number) >> (8 * UInt64(index)))
        }
        return bytes
    }

    private static let thisProcess = UInt64.random(in: 1...UInt64.max)
}
