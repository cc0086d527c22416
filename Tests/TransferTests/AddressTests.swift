import DDCore
import DDTestSupport
import DDTransfer
import Glibc
import Testing

/// Messages must not make a program speak with its own machine unless that was allowed.
@Suite("addresses of this machine")
struct AddressTests {
    private func policy(_ allowed: [String] = []) throws -> FetchPolicy {
        FetchPolicy(allowed: try allowed.map { try AllowedURL($0, withSource: false) }, allowsLocal: false)
    }

    @Test(
        "an address of this machine is not fetched from, however it is written",
        arguments: [
            "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0", "169.254.1.1", "localhost",
            "LOCALHOST", "localhost.", "a.localhost", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[fe80::1]",
        ])
    func literals(host: String) throws {
        let server = try LyingServer { _ in .http(200, [:], [1]) }
        for scheme in ["http", "https", "ftp", "ftps"] {
            let fetched = try Fetched("\(scheme)://\(host):\(server.port)/f", policy: policy())
            #expect(fetched.failed(.notAllowed, "of this machine"), "\(fetched)")
        }
        #expect(server.connections == 0)
    }

    @Test("neither is a name that leads there: the connection decides, not the text")
    func names() throws {
        var buffer = [CChar](repeating: 0, count: 256)
        gethostname(&buffer, 255)
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let server = try LyingServer { _ in .http(200, [:], [1]) }
        for scheme in ["http", "ftp"] {
            let fetched = try Fetched("\(scheme)://\(name):\(server.port)/f", policy: policy())
            // Where the name leads nowhere there is nothing to be seen.
            #expect(fetched.failed(.notAllowed, "leads to an address") || fetched.failed(.unreachable, "resolve"), "\(fetched)")
        }
        #expect(server.connections == 0)
    }

    @Test("an allow_url opens the address that it names, and no other")
    func allowed() throws {
        let server = try LyingServer { _ in .http(200, [:], [1]) }
        #expect(try Fetched(server.url("/f"), policy: policy([server.url("/")])).brought([1]))
        let other = try Fetched("http://127.0.0.2:\(server.port)/f", policy: policy([server.url("/")]))
        #expect(other.failed(.notAllowed, "is not under an allow_url"))
        #expect(server.connections == 1)
    }

    @Test("a redirect to this machine is not followed")
    func redirect() throws {
        let target = try LyingServer { _ in .http(200, [:], [1]) }
        let server = try LyingServer { _ in .http(302, ["Location": "http://127.0.0.1:\(target.port)/f"]) }
        // The first server is reached by the word of an allow_url for all of its host's ports but the target's.
        let fetched = try Fetched(server.url("/f"), policy: policy([server.url("/")]))
        #expect(fetched.failed(.notAllowed, ":\(target.port)/f is not under an allow_url"))
        #expect(target.connections == 0)
    }

    @Test(
        "a protocol that is not spoken is refused, whatever is allowed",
        arguments: ["gopher", "dict", "telnet", "smb", "scp", "ldap", "x"])
    func protocols(scheme: String) throws {
        let fetched = try Fetched("\(scheme)://127.0.0.1:1/f")
        #expect(fetched.failed(.unsupported, "protocol '\(scheme)' is not spoken here"))
    }

    @Test(
        "what is no URL is refused", arguments: ["http:/f", "http://", "http://h:99999/", "http://a b/", "http://h\u{301}/", ""])
    func noURL(url: String) throws {
        let error = try Fetched(url).error
        #expect(error?.code == .refused || error?.code == .unsupported, "\(error as Any)")
    }
}
