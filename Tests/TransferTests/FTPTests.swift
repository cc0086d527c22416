import DDCore
import DDTestSupport
import DDTransfer
import Glibc
import Testing

/// ftp and ftps with proftpd.
@Suite("ftp", .serialized, .enabled(if: Installed.has("/usr/sbin/proftpd")))
struct FTPTests {
    private let home: TemporaryFolder
    private let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
    private let user = (name: "carol", password: "p@ss:w/rd")
    private let password = "p%40ss%3Aw%2Frd"

    init() throws { home = try TemporaryFolder() }

    private func write(_ name: String) throws { try home.write(bytes, to: name) }

    private func fetcher(_ line: String, authority: String? = nil) throws -> TransportFetcher {
        var options = TransferOptions()
        try options.credentials.add(line, path: "credentials.conf")
        if let authority { options.caFile = authority }
        return TransportFetcher(options)
    }

    @Test("files of the login and absolute ones, of any name, over one connection")
    func names() throws {
        let names = ["file", "a b", "#%41;é?", "x;type=a", "y;type=d", "-l", " space", "~"]
        for name in names { try write(name) }
        let server = try RunningServer.proftpd(.ftp, home: home.path, user: user)
        let base = "ftp://carol@127.0.0.1:\(server.port)"
        let fetcher = try fetcher("ftp://carol:\(password)@127.0.0.1:\(server.port)/ passive binary")
        for name in names {
            for folder in ["/", "/" + home.path + "/"] {
                let url = base + folder + Percent.encodeSegment(name)
                let fetched = try Fetched(url, size: 300_000, by: fetcher)
                #expect(fetched.brought(bytes), "\(url): \(fetched.error as Any)")
            }
        }
        #expect(server.accesses.count { $0.hasPrefix("PASS") } == 1, "\(server.accesses)")
    }

    @Test("anonymous is tried where there is no account, and none where a user is named")
    func anonymous() throws {
        try write("file")
        let server = try RunningServer.proftpd(.ftp, home: home.path, user: user, open: home.path)
        let none = TransportFetcher(TransferOptions())
        let fetched = try Fetched("ftp://127.0.0.1:\(server.port)/file", by: none)
        #expect(fetched.brought(bytes), "\(fetched) \(server.accesses)")
        // Also where the URL says so, as the field's tools write it, and whatever accounts there are.
        for fetcher in [none, try fetcher("ftp://carol:secret@127.0.0.1:\(server.port)/")] {
            let said = try Fetched("ftp://anonymous@127.0.0.1:\(server.port)/file", by: fetcher)
            #expect(said.brought(bytes), "\(said) \(server.accesses)")
        }
        let named = try Fetched("ftp://carol@127.0.0.1:\(server.port)/file", by: none)
        #expect(named.failed(.unsupported, "there is no account for it"))
        let wrong = try fetcher("ftp://carol:secret@127.0.0.1:\(server.port)/")
        let refused = try Fetched("ftp://carol@127.0.0.1:\(server.port)/file", by: wrong)
        #expect(refused.failed(.temporary, "does not take the account") && !"\(refused)".contains("secret"), "\(refused)")
    }

    @Test("ranges bring exactly their bytes; beyond the end the file has changed")
    func ranges() throws {
        try write("file")
        try home.write("", to: "empty")
        let server = try RunningServer.proftpd(.ftp, home: home.path, user: user)
        let base = "ftp://127.0.0.1:\(server.port)/"
        let fetcher = try fetcher("ftp://carol:\(password)@127.0.0.1:\(server.port)/")
        for (offset, length) in [(0, 1), (1, 1), (100, 70_000), (299_999, 1), (0, 299_999), (1, 299_999), (0, 300_000)] {
            let range = FetchRange(offset: Int64(offset), length: Int64(length))
            let fetched = try Fetched(base + "file", size: 300_000, range: range, by: fetcher)
            #expect(fetched.brought(Array(bytes[offset..<offset + length])), "\(offset) \(length) \(fetched.error as Any)")
        }
        for (name, offset, length) in [("file", 300_000, 1), ("file", 300_001, 5), ("file", 299_000, 2_000), ("empty", 5, 5)] {
            let range = FetchRange(offset: Int64(offset), length: Int64(length))
            let fetched = try Fetched(base + name, size: 400_000, range: range, by: fetcher)
            #expect(fetched.error?.code == .changed || fetched.error?.code == .wrongLength, "\(offset): \(fetched)")
            #expect(fetched.bytes.count < length)
        }
    }

    @Test("what is not there or of another size is said")
    func faults() throws {
        try write("file")
        try home.makeFolder("folder")
        let server = try RunningServer.proftpd(.ftp, home: home.path, user: user)
        let base = "ftp://127.0.0.1:\(server.port)/"
        let fetcher = try fetcher("ftp://carol:\(password)@127.0.0.1:\(server.port)/")
        #expect(try Fetched(base + "none", by: fetcher).failed(.gone, "/none is not there"))
        #expect(try Fetched(base + "none/none", by: fetcher).failed(.gone, "is not there"))
        #expect(try Fetched(base + "folder", by: fetcher).error != nil)
        for url in ["folder/", "folder%2F", "", "/"] {
            #expect(try Fetched(base + url, by: fetcher).failed(.refused, "is a folder's address"))
        }
        for size in [299_999, 300_001] {
            let fetched = try Fetched(base + "file", size: Int64(size), by: fetcher)
            #expect(fetched.error?.code == .wrongLength && fetched.bytes.isEmpty, "\(fetched)")
        }
        #expect(try Fetched(base + "file", by: fetcher).brought(bytes))
    }

    @Test("TLS is begun where the account's options ask for it, or is there from the first byte; its certificate is checked")
    func tls() throws {
        try write("file")
        let (own, other) = (try TestCertificates(), try TestCertificates())
        let (right, wrongName) = (try own.server("127.0.0.1"), try own.server("elsewhere.example"))
        for (scheme, options, isImplicit) in [
            ("ftp", "tls", false), ("ftps", "prot_p", false), ("ftps", "implicit_ftps", true), ("ftps", "", true),
        ] {
            func server(_ pair: (certificate: String, key: String)) throws -> RunningServer {
                let speech: RunningServer.Speech =
                    isImplicit
                    ? .implicitTLS(certificate: pair.certificate, key: pair.key)
                    : .startTLS(certificate: pair.certificate, key: pair.key)
                return try RunningServer.proftpd(speech, home: home.path, user: user)
            }
            func fetch(_ server: RunningServer, _ authority: String) throws -> Fetched {
                let account = "\(scheme)://carol:\(password)@127.0.0.1:\(server.port)/ \(options)"
                let fetcher = try fetcher(account, authority: authority)
                // Twice: the second file goes over the same connection.
                _ = try Fetched("\(scheme)://127.0.0.1:\(server.port)/file", size: 300_000, by: fetcher)
                return try Fetched("\(scheme)://127.0.0.1:\(server.port)/file", size: 300_000, by: fetcher)
            }
            let good = try server(right)
            let fetched = try fetch(good, own.authority)
            #expect(fetched.brought(bytes), "\(scheme) \(options): \(fetched.error as Any)")
            #expect(good.accesses.contains { $0.hasPrefix("PROT P 200") } && !good.accesses.contains { $0.hasPrefix("PROT C") })
            #expect(try fetch(good, other.authority).failed(.temporary, "is not trusted"))
            #expect(try fetch(server(wrongName), own.authority).failed(.temporary, "is not trusted"))
        }
    }

    @Test("a server without TLS is not told the password when the options ask for TLS")
    func noTLS() throws {
        try write("file")
        let server = try RunningServer.proftpd(.ftp, home: home.path, user: user)
        let fetcher = try fetcher("ftp://carol:\(password)@127.0.0.1:\(server.port)/ tls")
        #expect(try Fetched("ftp://127.0.0.1:\(server.port)/file", by: fetcher).failed(.temporary, "does not begin TLS"))
        #expect(!server.accesses.contains { $0.hasPrefix("PASS") })
    }
}
