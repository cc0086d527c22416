/// Reads files of `option value` lines.
///
/// A line whose first letter is `#` is a comment; a `#` further on belongs to the value, because topics and patterns need it.
public struct OptionFile: Sendable {
    /// The options that may stand in the file.
    public let table: OptionTable
    /// Names that are passed over: options of other programs, in a file that is common to all.
    public let foreign: Set<String>

    private let includes: Includes?

    /// A reader for one program's options; without `includes`, nothing can be included.
    public init(_ table: OptionTable, foreign: Set<String> = [], includes: Includes? = nil) {
        (self.table, self.foreign, self.includes) = (table, foreign, includes)
    }

    /// The settings of the file at `path`, in order. Throws for what is not known in it, or the first line that is wrong.
    public func read(_ path: String) throws(ConfigError) -> [Setting] {
        switch TextFile.read(path) {
        case .success(let file): return try parse(file.text, path: path)
        case .failure(let failure): throw ConfigError(.configuration, "cannot read configuration \(path): \(failure.reason)")
        }
    }

    /// The settings in `text`; `path` only names it in errors. All options that are not known are named in one error.
    public func parse(_ text: String, path: String) throws(ConfigError) -> [Setting] {
        var settings: [Setting] = []
        var names: Set<String> = []
        var unknown: [(origin: Origin, line: Int, text: String)] = []
        for (index, line) in TextFile.lines(of: text).enumerated() {
            let line = line.trimmed
            if line.isEmpty || line.hasPrefix("#") { continue }
            let origin = Origin.file(path: path, line: index + 1)
            let word = String(line.prefix { $0 != " " && $0 != "\t" })
            if word == "include", let includes {
                settings += try includes.settings(String(line.dropFirst(word.count).trimmed), in: path, origin, self)
                continue
            }
            guard let option = table.understood(word), option.inFile else {
                if !foreign.contains(word) {
                    // What a file repeats is explained once.
                    let isRepeated = !names.insert(word).inserted
                    unknown.append((origin, index + 1, isRepeated ? "'\(Redaction.masked(word))' again" : self.unknown(word)))
                }
                continue
            }
            do throws(ConfigError) {
                settings.append(try setting(option, word, line.dropFirst(word.count).trimmed, origin))
            } catch {
                // What is not known comes first where it stands first.
                if unknown.isEmpty { throw error }
            }
        }
        guard let first = unknown.first else { return settings }
        let others = unknown.dropFirst().prefix(Self.maxNamed).map { "; line \($0.line): \($0.text)" }.joined()
        let rest = unknown.count - 1 - Self.maxNamed
        throw ConfigError(at: first.origin, first.text + others + (rest > 0 ? "; and \(rest) more" : ""))
    }

    /// The most that one error names beside the first: a file of something else is not repeated whole.
    private static let maxNamed = 100

    private func setting(
        _ option: OptionSpec, _ word: String, _ value: Substring, _ origin: Origin
    ) throws(ConfigError) -> Setting {
        if let refusal = FieldOptions.refusal(of: word) { throw ConfigError(at: origin, refusal) }
        let spelling = word == option.name ? nil : word
        if !value.isEmpty {
            if let fault = FieldOptions.foreignValue(String(value), of: option.name) {
                throw ConfigError(at: origin, "bad value '\(Redaction.masked(String(value)))' for '\(option.name)': \(fault)")
            }
            return Setting(name: option.name, value: String(value), origin: origin, spelling: spelling)
        }
        // As on the command line: a boolean that is only named is on.
        guard option.kind == .bool else { throw ConfigError(at: origin, "option '\(option.name)' needs a value") }
        return Setting(name: option.name, value: "on", origin: origin, spelling: spelling)
    }

    private func unknown(_ word: String) -> String {
        if let option = table.option(named: word) { return "option '\(option.name)' is for the command line only" }
        let text = "unknown option '\(Redaction.masked(word))'"
        if let advice = FieldOptions.advice(for: word, in: table, inFile: true) { return "\(text) (\(advice))" }
        guard let nearest = table.nearestName(to: word, inFile: true) else { return text }
        return "\(text) (did you mean '\(nearest)'?)"
    }
}
