import Glibc

/// The accounts of `credentials.conf`: one URL with user and password per line, and options for that server.
public struct Credentials: Sendable {
    /// One line.
    public struct Entry: Sendable, Equatable {
        /// The server and the account; the path is not looked at.
        public let url: URLParts
        /// What stands behind the URL.
        public let options: AccountOptions
    }

    /// In the order of the files; the first that fits is used.
    public private(set) var entries: [Entry] = []

    /// Files that are not for this user: they may have what is missing.
    public private(set) var unreadable: [String] = []

    /// No accounts.
    public init() {}

    /// Reads the files that exist. One that this user may not read is passed over, one that others may read is an error.
    /// Before them goes the one that systemd hands over, whose folder is for this user alone, whatever the file's mode says.
    public init(files: [String], service: String? = nil) throws(ConfigError) {
        if let service { try read(service, isGuarded: true) }
        for path in files { try read(path) }
    }

    /// Adds the lines of `text`; `path` only names it in errors.
    public mutating func add(_ text: String, path: String) throws(ConfigError) {
        for (index, line) in TextFile.lines(of: text).enumerated() where !line.trimmed.isEmpty && !line.trimmed.hasPrefix("#") {
            let line = line.trimmed
            let url = line.prefix { $0 != " " && $0 != "\t" }
            do throws(ConfigError) {
                let parts = try URLParts(String(url))
                let options = try AccountOptions(line.dropFirst(url.count), scheme: parts.scheme)
                entries.append(Entry(url: parts, options: options))
            } catch { throw error.placed(at: .file(path: path, line: index + 1)) }
        }
    }

    /// The line for a server: scheme, host and port are equal, and so is the user where `url` has one.
    public func entry(for url: URLParts) -> Entry? {
        entries.first { entry in
            entry.url.isSameServer(as: url) && (url.user == nil || url.user == entry.url.user)
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

    /// What to do where an account has no password.
    var remedy: String {
        let text = "put the URL with it into credentials.conf"
        guard let path = unreadable.first else { return text }
        let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(geteuid())"
        return "\(text), or let this user (\(user)) own \(path), which it may not read: chown \(user) \(path)"
    }

    private mutating func read(_ path: String, isGuarded: Bool = false) throws(ConfigError) {
        switch TextFile.read(path) {
        case .success(let file):
            guard isGuarded || file.mode & 0o077 == 0 else {
                throw ConfigError(.configuration, "credentials \(path) can be read by others: chmod 600 \(path)")
            }
            try add(file.text, path: path)
        case .failure(let failure):
            if failure.isAbsence { return }
            if failure.isRefusal {
                unreadable.append(path)
                return
            }
            throw ConfigError(.configuration, "cannot read credentials \(path): \(failure.reason)")
        }
    }
}
