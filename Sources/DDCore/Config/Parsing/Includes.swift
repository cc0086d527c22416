/// What `include FILE` and `include URL` lines of a configuration name: settings that stand elsewhere, taken in at that place.
///
/// What comes from the web is read from a copy on disk, which `IncludeRefresh` keeps up to date; it may say which files are wanted and what they
/// are called, and nothing else.
public struct Includes: Sendable {
    /// Where the copies are.
    let folder: String
    private var depth = 0

    /// The options that may come from the web.
    public static let allowed = ["subtopic", "source_topic", "accept", "reject", "mirror", "strip", "flatten"]
    /// Those who may have some from there: they follow announcements.
    static let programs: Set<String> = ["dd_subscribe", "dd_sara", "dd_sender"]
    /// The most bytes of a text from the web.
    static let limit = 65_536
    private static let deepest = 8

    /// Copies are in a folder of `stateHome`.
    public init(stateHome: String) { folder = stateHome + "/includes" }

    /// Whether a value is a URL rather than a file's name.
    public static func isURL(_ value: String) -> Bool {
        let scheme = value.prefix { $0 != ":" }.lowercased()
        return (scheme == "https" || scheme == "http") && value.contains("://")
    }

    /// Where the copy of a URL's text is.
    func copy(of url: String) -> String { "\(folder)/\(String(StateName.number(of: url), radix: 16)).conf" }

    /// The file that `value` means in the file at `path`: relative names start in its folder.
    static func file(_ value: String, in path: String) -> String {
        guard !value.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return value }
        return path[...slash] + value
    }

    /// The settings that `value` names, for a line of the file at `path`, read as `reader` reads.
    func settings(_ value: String, in path: String, _ origin: Origin, _ reader: OptionFile) throws(ConfigError) -> [Setting] {
        guard !value.isEmpty else { throw ConfigError(at: origin, "include needs a file or a URL") }
        guard !Self.isURL(value) else { return try settings(ofURL: value, origin, reader) }
        guard depth < Self.deepest else {
            throw ConfigError(at: origin, "include goes more than \(Self.deepest) files deep: do they include each other?")
        }
        var deeper = self
        deeper.depth += 1
        return try OptionFile(reader.table, foreign: reader.foreign, includes: deeper).read(Self.file(value, in: path))
    }

    private func settings(ofURL url: String, _ origin: Origin, _ reader: OptionFile) throws(ConfigError) -> [Setting] {
        guard Self.programs.contains(reader.table.program) else {
            throw ConfigError(
                at: origin, "include of a URL is for \(Self.programs.sorted().joined(separator: ", ")) only: include a file")
        }
        switch TextFile.read(copy(of: url)) {
        case .success(let file): return try Self.settings(of: file.text, from: url, reader.table)
        case .failure(let failure):
            throw ConfigError(
                at: origin, "\(Redaction.masked(url)) has not been fetched yet: there is no copy of it (\(failure.reason))")
        }
    }

    /// The settings of a text from the web.
    static func settings(of text: String, from url: String, _ table: OptionTable) throws(ConfigError) -> [Setting] {
        let settings = try OptionFile(table).parse(text, path: Redaction.masked(url))
        for setting in settings {
            guard allowed.contains(setting.name) else {
                throw ConfigError(
                    at: setting.origin, "'\(setting.name)' may not come from the web, only \(allowed.joined(separator: ", ")) may"
                )
            }
            // Nobody outside learns what the environment has.
            guard !setting.value.contains("${") else {
                throw ConfigError(at: setting.origin, "'${' may not come from the web")
            }
            guard setting.name == "accept" || setting.name == "reject" else { continue }
            do throws(ConfigError) {
                _ = try Pattern(String(setting.value.prefix { $0 != " " && $0 != "\t" }))
            } catch {
                throw error.placed(at: setting.origin)
            }
        }
        return settings
    }

    /// The URLs that the file at `path` includes, directly or by way of other files, in order; what cannot be read is an error when the
    /// configuration is loaded, not here.
    func urls(in path: String) -> [String] {
        guard depth < Self.deepest, case .success(let file) = TextFile.read(path) else { return [] }
        var (found, deeper) = ([String](), self)
        deeper.depth += 1
        for line in TextFile.lines(of: file.text).map(\.trimmed) where line.hasPrefix("include ") || line.hasPrefix("include\t") {
            let value = String(line.dropFirst("include".count).trimmed)
            found += Self.isURL(value) ? [value] : deeper.urls(in: Self.file(value, in: path))
        }
        return found
    }

    /// What the file at `path` itself gives an option, as it is written; `nil`: nothing.
    static func value(of option: String, in path: String) -> String? {
        guard case .success(let file) = TextFile.read(path) else { return nil }
        let lines = TextFile.lines(of: file.text).map(\.trimmed).filter {
            $0.hasPrefix(option + " ") || $0.hasPrefix(option + "\t")
        }
        return lines.last.map { String($0.dropFirst(option.count).trimmed) }
    }
}
