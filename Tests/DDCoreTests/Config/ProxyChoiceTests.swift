import Testing

@testable import DDCore

@Suite("the choice of a proxy")
struct ProxyChoiceTests {
    private func proxy(_ url: String, option: String? = nil, _ environment: [String: String]) throws -> String? {
        var credentials = Credentials()
        try credentials.add("http://me:pw@with.account:1/", path: "c")
        let proxy = try ProxyChoice(option: option, environment, credentials).proxy(for: try URLParts(url))
        return proxy.map { "\($0)" + ($0.password.map { " " + $0.reveal() } ?? "") }
    }

    @Test("the environment is read as other tools read it")
    func environment() throws {
        let all = ["http_proxy": "http://h:1", "https_proxy": "s:2", "no_proxy": "near.example, .dot.example,10.0.0.1"]
        #expect(try proxy("http://far.example/x", all) == "http://h:1")
        #expect(try proxy("https://far.example/x", all) == "http://s:2")
        for scheme in ["ftp", "sftp", "ftps"] { #expect(try proxy("\(scheme)://far.example/x", all) == nil) }
        for host in ["near.example", "a.near.example", "NEAR.example:81", "dot.example", "a.dot.example", "10.0.0.1"] {
            #expect(try proxy("http://\(host)/x", all) == nil, "\(host)")
        }
        for host in ["nonear.example", "near.example.org", "10.0.0.10"] {
            #expect(try proxy("http://\(host)/x", all) == "http://h:1", "\(host)")
        }
        #expect(try proxy("https://h/", ["HTTPS_PROXY": "http://u:1", "ALL_PROXY": "http://a:1"]) == "http://u:1")
        #expect(try proxy("http://h/", ["HTTP_PROXY": "http://u:1", "ALL_PROXY": "socks5h://a:1"]) == "socks5h://a:1")
        #expect(try proxy("http://h/", ["http_proxy": "http://u:1", "NO_PROXY": "*"]) == nil)
        #expect(try proxy("http://h/", ["http_proxy": ""]) == nil)
        #expect(try proxy("http://h/", [:]) == nil)
    }

    @Test("the option stands above the environment, and its account comes from credentials.conf")
    func option() throws {
        let environment = ["http_proxy": "http://h:1", "no_proxy": "*"]
        #expect(try proxy("http://h/", option: "none", environment) == nil)
        #expect(try proxy("https://h/", option: "http://with.account:1", environment) == "http://me@with.account:1 pw")
    }

    @Test(
        "what is no proxy is refused, without its password",
        arguments: [
            ("http://h", "78: proxy http://h has no port"),
            ("ftp://h:1", "78: proxy ftp://h:1: http://, https:// or socks5h:// is expected"),
            ("http://u:secret@:1", "78: bad URL 'http://***@:1': "),
        ])
    func bad(text: String, reason: String) {
        let option = failure { () throws(ConfigError) in _ = try ProxyChoice(option: text, [:], Credentials()) }
        #expect(option.hasPrefix(reason), "\(option)")
        let environment = failure { () throws(ConfigError) in
            _ = try ProxyChoice(option: nil, ["http_proxy": text], Credentials())
        }
        #expect(environment.hasPrefix("78: environment variable http_proxy: " + reason.dropFirst(4)), "\(environment)")
    }
}
