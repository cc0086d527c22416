/// Reads files of `option value` lines.
///
/// A line whose first letter is `#` is a comment; a `#` further on belongs to the value, because topics and patterns need it.
public struct OptionFile: Sendable {
    /// The options that may stand in the file.
    public let table: OptionTable
    /// Names that are passed over: options of other programs, in a file that is common to all.
    public let foreign: Set<String>

    /// A reader for one program's options.
    public init(_ table: OptionTable, foreign: Set<String> = []) {
        self.table = table
        self.foreign = foreign
    }

    /// The settings of the file at `path`, in order. Throws for the first line that is wrong.
    public func read(_ path: String) throws(ConfigError) -> [Setting] {
        switch TextFile.read(path) {
        case .success(let file): return try parse(file.text, path: path)
        case .failure(let failure): throw ConfigError(.configuration, "cannot read configuration \(path): \(failure.reason)")
        }
    }

    /// The settings in `text`; `path` only names it in errors.
    public func parse(_ text: String, path: String) throws(ConfigError) -> [Setting] {
        var settings: [Setting] = []
        for (index, line) in TextFile.lines(of: text).enumerated() {
            let origin = Origin.file(path: path, line: index + 1)
            if let setting = try parse(line: line.trimmed, origin: origin) { settings.append(setting) }
        }
        return settings
    }

    private func parse(line: Substring, origin: Origin) throws(ConfigError) -> Setting? {
        if line.isEmpty || line.hasPrefix("#") { return nil }
        let word = line.prefix { $0 != " " && $0 != "\t" }
        let value = line.dropFirst(word.count).trimmed
        guard let option = table.option(named: String(word)), option.inFile else {
            if foreign.contains(String(word)) { return nil }
            throw ConfigError(at: origin, unknown(String(word)))
        }
        if !value.isEmpty { return Setting(name: option.name, value: String(value), origin: origin) }
        // As on the command line: a boolean that is only named is on.
        guard option.kind == .bool else { throw ConfigError(at: origin, "option '\(option.name)' needs a value") }
        return Setting(name: option.name, value: "on", origin: origin)
    }

    private func unknown(_ word: String) -> String {
        if let option = table.option(named: word) { return "option '\(option.name)' is for the command line only" }
        let text = "unknown option '\(Redaction.masked(word))'"
        guard let nearest = table.nearestName(to: word, inFile: true) else { return text }
        return "\(text) (did you mean '\(nearest)'?)"
    }
}
