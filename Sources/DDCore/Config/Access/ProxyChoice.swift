/// Through which proxy a URL is fetched: the option `proxy`, else what the environment says to curl and others.
public struct ProxyChoice: Sendable, Equatable {
    /// By the scheme of the URL that is fetched.
    private var proxies: [String: URLParts] = [:]
    /// Hosts that are reached without: lower case, without a dot in front; `*` is all.
    private var exceptions: [String] = []

    /// None.
    public init() {}

    /// `option`: a URL for all, `none` for none; `nil`: what `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say. The last three
    /// may be in upper case too; `HTTP_PROXY` is not read, because a web server sets it from a header.
    init(option: String?, _ environment: [String: String], _ credentials: Credentials) throws(ConfigError) {
        func word(_ names: String...) -> (name: String, value: String)? {
            names.lazy.compactMap { name in environment[name].map { (name, $0) } }.first { !$0.1.isEmpty }
        }
        if let option {
            if option == "none" { return }
            let proxy = try ProxyChoice.parts(option, credentials)
            proxies = ["http": proxy, "https": proxy]
            return
        }
        for (scheme, found) in [
            ("http", word("http_proxy", "all_proxy", "ALL_PROXY")),
            ("https", word("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")),
        ] {
            guard let found else { continue }
            do throws(ConfigError) {
                proxies[scheme] = try ProxyChoice.parts(found.value, credentials)
            } catch {
                throw ConfigError(.configuration, "environment variable \(found.name): \(error.text)")
            }
        }
        let list = word("no_proxy", "NO_PROXY")?.value ?? ""
        exceptions = list.split { $0 == "," || $0 == " " }.map { String($0.drop { $0 == "." }).lowercased() }.filter {
            !$0.isEmpty
        }
    }

    /// The proxy for `url`, with its account; `nil`: none. Only http and https are fetched through one.
    public func proxy(for url: URLParts) -> URLParts? {
        guard let proxy = proxies[url.scheme] else { return nil }
        let isException = exceptions.contains { $0 == "*" || $0 == url.host || url.host.hasSuffix("." + $0) }
        return isException ? nil : proxy
    }

    /// Without a scheme it is http. Its account is completed like that of any URL.
    private static func parts(_ text: String, _ credentials: Credentials) throws(ConfigError) -> URLParts {
        let url = credentials.complete(try URLParts(text.contains("://") ? text : "http://" + text))
        guard ["http", "https", "socks5h"].contains(url.scheme) else {
            throw ConfigError(.configuration, "proxy \(url): http://, https:// or socks5h:// is expected")
        }
        guard url.port != nil else { throw ConfigError(.configuration, "proxy \(url) has no port") }
        return url
    }
}
