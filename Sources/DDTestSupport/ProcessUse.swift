import DDCore

/// What a process has used so far, as /proc tells (proc(5)).
public enum ProcessUse {
    /// The most memory that it has had at once, in KiB (`VmHWM`); -1 when it is gone.
    public static func peakMemory(of pid: Int32) -> Int {
        let lines = (SmallFile.text("/proc/\(pid)/status") ?? "").split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("VmHWM") }) else { return -1 }
        return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? -1
    }

    /// Its processor time, in ticks of a hundredth of a second (`utime` and `stime`); -1 when it is gone.
    public static func ticks(of pid: Int32) -> Int {
        let text = SmallFile.text("/proc/\(pid)/stat") ?? ""
        // The name before it, in parentheses, may have anything in it.
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else { return -1 }
        return user + system
    }
}
