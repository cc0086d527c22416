/// The accounts of `credentials.conf`: one URL with user and password per line, and options for that server.
public struct Credentials: Sendable {
    /// One line.
    public struct Entry: Sendable, Equatable {
        /// The server and the account; the path is not looked at.
        public let url: URLParts
        /// What stands behind the URL, `key=value` or a bare word (value empty), separated by blanks or commas.
        public let options: [Option]
    }

    /// An option for one server.
    public struct Option: Sendable, Equatable {
        /// What is before the `=`.
        public let key: String
        /// What is behind it.
        public let value: String
    }

    /// In the order of the files; the first that fits is used.
    public private(set) var entries: [Entry] = []

    /// No accounts.
    public init() {}

    /// Reads the files that exist. One that this user may not read is passed over, one that others may read is an error.
    public init(files: [String]) throws(ConfigError) {
        for path in files { try read(path) }
    }

    /// Adds the lines of `text`; `path` only names it in errors.
    public mutating func add(_ text: String, path: String) throws(ConfigError) {
        for (index, line) in TextFile.lines(of: text).enumerated() where !line.trimmed.isEmpty && !line.trimmed.hasPrefix("#") {
            var words = line.split { $0 == " " || $0 == "\t" }
            do throws(ConfigError) {
                let url = try URLParts(String(words.removeFirst()))
                let options = words.flatMap { $0.split(separator: ",") }.map { word in
                    let key = word.prefix { $0 != "=" }
                    return Option(key: String(key), value: String(word.dropFirst(key.count + 1)))
                }
                entries.append(Entry(url: url, options: options))
            } catch { throw error.placed(at: .file(path: path, line: index + 1)) }
        }
    }

    /// The line for a server: scheme, host and port are equal, and so is the user where `url` has one.
    public func entry(for url: URLParts) -> Entry? {
        entries.first { entry in
            entry.url.scheme == url.scheme && entry.url.host == url.host && entry.url.effectivePort == url.effectivePort
                && (url.user == nil || url.user == entry.url.user)
        }
    }

    /// `url` with user and password from its line, where it has no password and there is a line. Not for a redirect's target.
    public func complete(_ url: URLParts) -> URLParts {
        guard url.password == nil, let entry = entry(for: url) else { return url }
        var complete = url
        complete.user = entry.url.user
        complete.password = entry.url.password
        return complete
    }

    private mutating func read(_ path: String) throws(ConfigError) {
        switch TextFile.read(path) {
        case .success(let file):
            guard file.mode & 0o077 == 0 else {
                throw ConfigError(.configuration, "credentials \(path) can be read by others: chmod 600 \(path)")
            }
            try add(file.text, path: path)
        case .failure(let failure):
            if failure.isAbsence { return }
            throw ConfigError(.configuration, "cannot read credentials \(path): \(failure.reason)")
        }
    }
}
