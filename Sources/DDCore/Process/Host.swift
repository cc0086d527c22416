/// This machine, for those who must know whether it was started anew.
public enum Host {
    /// 16 bytes that the system makes at each start (`/proc/sys/kernel/random/boot_id`); zeros where there are none.
    public static let thisStart: [UInt8] = {
        let digits = (SmallFile.text("/proc/sys/kernel/random/boot_id") ?? "").filter(\.isHexDigit)
        return Hexadecimal.bytes(digits, count: 16) ?? [UInt8](repeating: 0, count: 16)
    }()
}
