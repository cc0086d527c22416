/// The environment that this process was started with.
public enum ProcessEnvironment {
    /// Names and values from `/proc/self/environ`; what is not UTF-8 is left out.
    public static func initial() -> [String: String] {
        guard case .success(let file) = TextFile.read("/proc/self/environ") else { return [:] }
        var result: [String: String] = [:]
        for entry in file.text.utf8.split(separator: 0) {
            let name = entry.prefix { $0 != UInt8(ascii: "=") }
            guard name.endIndex < entry.endIndex else { continue }
            result[String(Substring(name))] = String(Substring(entry[entry.index(after: name.endIndex)...]))
        }
        return result
    }
}
