import DDCore

/// Data URLs as posts mean them, and as libcurl reads them.
enum FetchURL {
    /// A URL taken apart.
    static func parts(_ text: String) throws(TransferError) -> URLParts {
        do throws(ConfigError) { return try URLParts(text) } catch {
            throw TransferError(.refused, "cannot fetch: \(error)")
        }
    }

    /// Whether an ftp connection begins without TLS and is changed to it: where the account's options say so, and for ftps on the port of
    /// ftp, where no server expects TLS from the first byte.
    static func startsTLS(_ url: URLParts, _ options: AccountOptions?) -> Bool {
        guard url.scheme == "ftp" || url.scheme == "ftps" else { return false }
        return options?.startsTLS == true || (url.scheme == "ftps" && url.port == 21)
    }

    /// Whether libcurl would take it for a folder, and bring a list of names instead of a file.
    static func isFolder(_ url: URLParts) -> Bool {
        url.isLoginRelative && (url.path.isEmpty || url.path.hasSuffix("/") || url.path.lowercased().hasSuffix("%2f"))
    }

    /// Throws when a redirect from `url` to `next` makes a folder of a file, or of a folder something else.
    ///
    /// Servers send those who ask for a folder's name without its slash to its page, which must not be stored as a file; and those who may
    /// not see a folder to a page for signing in, which must not be read as its listing.
    static func checkFolder(_ url: URLParts, _ next: URLParts, _ request: FetchRequest) throws(TransferError) {
        func path(_ url: URLParts) -> Substring { url.path.prefix { $0 != "?" && $0 != "#" } }
        if request.isFolder {
            guard path(next).hasSuffix("/"), path(next).utf8.count == next.path.utf8.count else {
                throw TransferError(.refused, "\(url) redirects to \(next.withoutAccount), which is no folder")
            }
        } else if next.host == url.host, path(next) == path(url) + "/" {
            throw TransferError(.refused, "\(url) is a folder: its server redirects to \(next.withoutAccount)")
        }
    }

    /// The URL in libcurl's reading, without an account.
    ///
    /// To posts, one slash begins a path below the login's directory and two an absolute one; to libcurl that is so in ftp, in sftp the
    /// first is written `/~/`, the second with one slash.
    static func forCurl(_ url: URLParts, startsTLS: Bool, isFolder: Bool = false) -> String {
        var scheme = url.scheme
        var path = url.path
        switch scheme {
        case "sftp":
            path = path.hasPrefix("//") ? String(path.dropFirst()) : "/~" + (path.isEmpty ? "/" : path)
        case "ftp", "ftps":
            // libcurl reads the end of a path after ';' as a type of transfer.
            path =
                path.utf8.contains(UInt8(ascii: ";"))
                ? path.split(separator: ";", omittingEmptySubsequences: false).joined(separator: "%3B") : path
            if startsTLS { scheme = "ftp" }
            // Behind CWD some servers take a tilde for somebody's home, a dash for an option, and drop a blank.
            let first = path.dropFirst().prefix { $0 != "/" }.lowercased()
            if isFolder, ["~", "-", "%7e", "%2d", "%20"].contains(where: first.hasPrefix) { path = "/." + path }
        default: break
        }
        return URLParts(scheme: scheme, user: nil, password: nil, host: url.host, port: url.port, path: path).description
    }
}
