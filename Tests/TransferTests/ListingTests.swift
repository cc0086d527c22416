import DDCore
import DDTestSupport
import DDTransfer
import Glibc
import Testing

/// Folders of ftp and sftp servers, listed by the servers that Debian has.
@Suite("listings over ftp and sftp", .serialized, .enabled(if: Installed.has("/usr/sbin/proftpd")))
struct ListingTests {
    private let home: TemporaryFolder

    init() throws {
        home = try TemporaryFolder()
        for (name, text) in [("plain", "12345"), ("a b  c.txt", ""), (" é#%41;日本", "x"), ("sub/deep", "y"), (".hidden", "zz")] {
            try home.write(text, to: "tree/" + name)
        }
        try home.makeFolder("tree/empty one")
        guard symlink("plain", home.path("tree/link")) == 0 else { throw ProcessError("cannot make a link", errno) }
    }

    /// The entries of a folder: names with sizes, folders with a final slash.
    private func list(_ url: String, _ options: TransferOptions) throws -> Set<String> {
        let lister = FolderLister(
            fetcher: TransportFetcher(options), policy: FetchPolicy(allowsLocal: true), scratch: home.path("scratch"))
        var found: Set<String> = []
        try lister.list(url, problem: { found.insert("problem: \($0)") }) { entry in
            found.insert(entry.isFolder ? entry.name + "/" : "\(entry.name) \(entry.size ?? -1)")
            let isNow = entry.modified.map { abs($0.seconds(since: .now())) < 86_400 } ?? false
            #expect(isNow, "\(entry)")
        }
        return found
    }

    private func check(_ base: String, _ options: TransferOptions) throws {
        let all: Set<String> = ["plain 5", "a b  c.txt 0", " é#%41;日本 1", "sub/", "empty one/"]
        #expect(try list(base + "tree/", options).subtracting([".hidden 2"]) == all)
        #expect(try list(base + "tree/sub/", options) == ["deep 1"])
        #expect(try list(base + "tree/empty%20one/", options) == [])
        #expect(throws: (any Error).self) { try list(base + "tree/nothing/", options) }
        #expect(throws: (any Error).self) { try list(base + "tree/plain/", options) }
    }

    @Test("ftp with proftpd")
    func ftp() throws {
        let server = try RunningServer.proftpd(.ftp, home: home.path, user: ("carol", "secret"))
        var options = TransferOptions()
        try options.credentials.add("ftp://carol:secret@127.0.0.1:\(server.port)/", path: "credentials.conf")
        try check("ftp://carol@127.0.0.1:\(server.port)/", options)
        try check("ftp://carol@127.0.0.1:\(server.port)/\(home.path)/", options)
    }

    @Test("sftp with OpenSSH's server", .enabled(if: Installed.has("/usr/sbin/sshd")))
    func sftp() throws {
        let (host, key) = (try SSHKey("ed25519"), try SSHKey("ed25519"))
        let server = try RunningServer.sshd(home: home.path, host: host, users: [key])
        let me = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "nobody"
        var options = TransferOptions()
        try options.credentials.add("sftp://\(me)@127.0.0.1:\(server.port)/ ssh_keyfile=\(key.path)", path: "credentials.conf")
        options.knownHosts = try server.files.write(server.knownHost(host), to: "known")
        try check("sftp://127.0.0.1:\(server.port)/\(home.path)/", options)
    }
}
