import DDCore
import DDTestSupport
import DDTransfer
import Glibc
import Testing

/// sftp with OpenSSH's server and proftpd's.
@Suite("sftp", .serialized, .enabled(if: Installed.has("/usr/sbin/sshd") && Installed.has("/usr/sbin/proftpd")))
struct SecureShellTests {
    private let home: TemporaryFolder
    private let host: SSHKey
    private let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }

    init() throws {
        home = try TemporaryFolder()
        host = try SSHKey("ed25519")
    }

    /// The options for a server whose account stands in `line`, with a file of known hosts.
    private func options(_ line: String, known: String, to server: RunningServer) throws -> TransferOptions {
        var options = TransferOptions()
        try options.credentials.add(line, path: "credentials.conf")
        options.knownHosts = try server.files.write(known, to: "known")
        return options
    }

    private func me() -> String { getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "nobody" }

    private func write(_ name: String) throws { try home.write(bytes, to: name) }

    @Test("keys of the kinds ed25519 and ecdsa sign in, with and without a passphrase; paths are of the login or absolute")
    func keys() throws {
        let names = ["file", "a b #%41;é?", "~"]
        for name in names { try write(name) }
        let keys = [try SSHKey("ed25519"), try SSHKey("ecdsa"), try SSHKey("ed25519", passphrase: "p@ss phrase")]
        let server = try RunningServer.sshd(home: home.path, host: host, users: keys)
        for (key, account) in zip(keys, [me(), me(), me() + ":p%40ss%20phrase"]) {
            let line = "sftp://\(account)@127.0.0.1:\(server.port)/ ssh_keyfile=\(key.path)"
            let options = try options(line, known: server.knownHost(host), to: server)
            let fetcher = TransportFetcher(options)
            for name in names {
                for folder in ["/", "/" + home.path + "/"] {
                    let url = "sftp://127.0.0.1:\(server.port)\(folder)" + Percent.encodeSegment(name)
                    let fetched = try Fetched(url, size: 300_000, by: fetcher)
                    #expect(fetched.brought(bytes), "\(url): \(fetched.error as Any)")
                }
            }
            let named = try Fetched("sftp://\(me())@127.0.0.1:\(server.port)/file", by: fetcher)
            #expect(named.brought(bytes))
            let other = try Fetched("sftp://somebody@127.0.0.1:\(server.port)/file", by: fetcher)
            #expect(other.failed(.unsupported, "there is no account for it in credentials.conf"))
        }
        // One connection for each fetcher.
        #expect(server.log.split(whereSeparator: \.isNewline).count { $0.contains("Accepted publickey") } == 3, "\(server.log)")
    }

    @Test("a password signs in, a wrong one waits to be mended, and neither is ever said")
    func password() throws {
        try write("file")
        let pem = try SSHKey("ecdsa", form: "PEM")
        let server = try RunningServer.proftpd(.sftp(pem), home: home.path, user: ("carol", "p@ss:w/rd"))
        let url = "sftp://carol@127.0.0.1:\(server.port)/file"
        let right = "sftp://carol:p%40ss%3Aw%2Frd@127.0.0.1:\(server.port)/"
        let options = try options(right, known: server.knownHost(pem), to: server)
        #expect(try Fetched(url, size: 300_000, by: TransportFetcher(options)).brought(bytes))
        let wrong = try self.options("sftp://carol:secret@127.0.0.1:\(server.port)/", known: server.knownHost(pem), to: server)
        let refused = try Fetched(url, by: TransportFetcher(wrong))
        #expect(refused.failed(.unreachable, "does not take the account") && !"\(refused)".contains("secret"), "\(refused)")
    }

    @Test("ranges bring exactly their bytes; beyond the end the file has changed")
    func ranges() throws {
        try write("file")
        try home.write("", to: "empty")
        let key = try SSHKey("ed25519")
        let server = try RunningServer.sshd(home: home.path, host: host, users: [key])
        let line = "sftp://\(me())@127.0.0.1:\(server.port)/ ssh_keyfile=\(key.path)"
        let fetcher = TransportFetcher(try options(line, known: server.knownHost(host), to: server))
        let base = "sftp://127.0.0.1:\(server.port)/"
        for (offset, length) in [(0, 1), (1, 1), (100, 70_000), (299_999, 1), (0, 299_999), (1, 299_999)] {
            let range = FetchRange(offset: Int64(offset), length: Int64(length))
            let fetched = try Fetched(base + "file", size: 300_000, range: range, by: fetcher)
            #expect(fetched.brought(Array(bytes[offset..<offset + length])), "\(offset) \(length) \(fetched.error as Any)")
        }
        for (offset, length) in [(300_000, 1), (300_001, 5), (299_000, 2_000)] {
            let range = FetchRange(offset: Int64(offset), length: Int64(length))
            let fetched = try Fetched(base + "file", size: 400_000, range: range, by: fetcher)
            #expect(fetched.error?.code == .changed || fetched.error?.code == .wrongLength, "\(fetched.error as Any)")
            #expect(fetched.bytes.isEmpty)
        }
        let empty = try Fetched(base + "empty", size: 10, range: FetchRange(offset: 5, length: 5), by: fetcher)
        #expect(empty.failed(.changed, "has changed since") && empty.bytes.isEmpty)
        #expect(try Fetched(base + "empty", size: 0, by: fetcher).count == 0)
    }

    @Test("what is not there, not a file, of another size, or not to be read is said")
    func faults() throws {
        try write("file")
        try home.makeFolder("folder")
        let key = try SSHKey("ed25519")
        let server = try RunningServer.sshd(home: home.path, host: host, users: [key])
        let line = "sftp://\(me())@127.0.0.1:\(server.port)/ ssh_keyfile=\(key.path)"
        let fetcher = TransportFetcher(try options(line, known: server.knownHost(host), to: server))
        let base = "sftp://127.0.0.1:\(server.port)/"
        #expect(try Fetched(base + "none", by: fetcher).failed(.gone, "/none is not there"))
        #expect(try Fetched(base + "none/none", by: fetcher).failed(.gone, "is not there"))
        #expect(try Fetched(base + "folder", by: fetcher).error != nil)
        for size in [299_999, 300_001] {
            let fetched = try Fetched(base + "file", size: Int64(size), by: fetcher)
            #expect(fetched.failed(.wrongLength, "sends 300000 bytes, expected \(size)") && fetched.bytes.isEmpty, "\(fetched)")
        }
        // The connection serves on after all that.
        #expect(try Fetched(base + "file", by: fetcher).brought(bytes))
    }

    @Test("a host whose key is not known, or is another, is not spoken with")
    func hostKeys() throws {
        try write("file")
        let key = try SSHKey("ed25519")
        let server = try RunningServer.sshd(home: home.path, host: host, users: [key])
        let line = "sftp://\(me())@127.0.0.1:\(server.port)/ ssh_keyfile=\(key.path)"
        let url = "sftp://127.0.0.1:\(server.port)/file"
        for known in ["", "[127.0.0.1]:1 \(host.bare)\n"] {
            let fetched = try Fetched(url, by: TransportFetcher(options(line, known: known, to: server)))
            #expect(fetched.failed(.temporary, "is not in \(server.files.path("known"))"), "\(known): \(fetched.error as Any)")
            #expect(fetched.error?.description.contains("ssh-keyscan -p \(server.port) 127.0.0.1") == true)
        }
        var missing = try options(line, known: "", to: server)
        missing.knownHosts = home.path("no such file")
        #expect(try Fetched(url, by: TransportFetcher(missing)).failed(.temporary, "no such file"))
        let other = try options(line, known: server.knownHost(try SSHKey("ed25519")), to: server)
        let changed = try Fetched(url, by: TransportFetcher(other))
        #expect(changed.failed(.temporary, "is another than the one in"), "\(changed.error as Any)")
        #expect(!server.log.contains("Accepted"))
    }

    @Test("an RSA key ends in a line that says what to do", arguments: ["RFC4716", "PEM", "PKCS8"])
    func rsa(form: String) throws {
        for phrase in ["", "phrase"] {
            let key = try SSHKey("rsa", passphrase: phrase, form: form)
            var options = TransferOptions()
            try options.credentials.add("sftp://me:\(phrase)@127.0.0.1:1/ ssh_keyfile=\(key.path)", path: "c")
            let fetched = try Fetched("sftp://127.0.0.1:1/f", by: TransportFetcher(options))
            // What is inside of an encrypted PKCS #8 file cannot be told without its passphrase; then the server says it.
            guard form != "PKCS8" || phrase.isEmpty else { continue }
            #expect(fetched.failed(.unsupported, "is an RSA key") && fetched.failed(.unsupported, "use an ed25519 or ecdsa key"))
        }
        for kind in ["ed25519", "ecdsa"] {
            var options = TransferOptions()
            let key = try SSHKey(kind)
            try options.credentials.add("sftp://me@127.0.0.1:1/ ssh_keyfile=\(key.path)", path: "c")
            let fetched = try Fetched("sftp://127.0.0.1:1/f", by: TransportFetcher(options))
            #expect(fetched.error?.code == .unreachable, "\(fetched)")
        }
    }

    @Test("without an account nothing is tried")
    func noAccount() throws {
        let fetched = try Fetched("sftp://127.0.0.1:1/f")
        #expect(fetched.failed(.unsupported, "there is no account for it in credentials.conf"))
    }
}
