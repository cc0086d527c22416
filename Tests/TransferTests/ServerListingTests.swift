import DDCore
import DDTestSupport
import DDTransfer
import Glibc
import Testing

/// What the servers that Debian has list, each in its own way, of folders and files with names that mean something to some of them.
@Suite("listings of many servers", .serialized, .enabled(if: RunningServer.hasListingServers))
struct ServerListingTests {
    private let home: TemporaryFolder

    init() throws {
        home = try TemporaryFolder()
        chmod(home.path, 0o755)
    }

    /// The entries of a folder: files with sizes, folders with a final slash.
    private func list(_ url: String, _ credentials: String = "") throws -> Set<String> {
        var options = TransferOptions()
        if !credentials.isEmpty {
            try options.credentials.add(String(credentials.dropLast()), path: "credentials.conf")
        }
        let scratch = try TemporaryFolder()
        let lister = FolderLister(
            fetcher: TransportFetcher(options), policy: FetchPolicy(allowsLocal: true), scratch: scratch.path)
        var found: Set<String> = []
        try lister.list(url, problem: { found.insert("problem: \($0)") }) { entry in
            found.insert(entry.isFolder ? entry.name + "/" : entry.size.map { "\(entry.name) \($0)" } ?? entry.name)
        }
        return found
    }

    /// Patterns, options, homes and words of a shell, to servers that read them so.
    static let folders = [
        "plain", "-la", "-R", "~root", "~", "[x]", "s*r", "sor", "s?r", "sp ace", " front", "e e", "{a,b}", "$HOME", "é",
    ]

    @Test("each folder of an ftp server lists what is in it, whatever it is called", arguments: RunningServer.FTPKind.allCases)
    func ftpNames(kind: RunningServer.FTPKind) throws {
        for (number, name) in Self.folders.enumerated() {
            try home.write(String(repeating: "x", count: number), to: "tree/\(name)/in \(number)")
        }
        let (server, credentials) = try RunningServer.ftp(kind, home: home.path)
        let base = "ftp://127.0.0.1:\(server.port)/"
        #expect(try list(base + "tree/", credentials) == Set(Self.folders.map { $0 + "/" }))
        for (number, name) in Self.folders.enumerated() {
            #expect(try list(base + "tree/\(Percent.encodeSegment(name))/", credentials) == ["in \(number) \(number)"], "\(name)")
        }
        // The same at the top, where nothing stands before the name.
        let (inside, account) = try RunningServer.ftp(kind, home: home.path("tree"))
        for (number, name) in Self.folders.enumerated() {
            let url = "ftp://127.0.0.1:\(inside.port)/\(Percent.encodeSegment(name))/"
            #expect(try list(url, account) == ["in \(number) \(number)"], "\(url)")
        }
    }

    @Test(
        "a folder of an ftp server that is not there, or may not be entered, is no empty one",
        arguments: RunningServer.FTPKind.allCases)
    func ftpFaults(kind: RunningServer.FTPKind) throws {
        for name in ["closed", "open"] { try home.write("x", to: "\(name)/f") }
        try home.makeFolder("empty")
        chmod(home.path("closed"), 0)
        defer { chmod(home.path("closed"), 0o755) }
        let (server, credentials) = try RunningServer.ftp(kind, home: home.path)
        let base = "ftp://127.0.0.1:\(server.port)/"
        for name in ["closed/", "nothing/", "open/f/", "open/nothing/"] {
            #expect(throws: TransferError.self, "\(name)") { try list(base + name, credentials) }
        }
        #expect(try list(base + "empty/", credentials) == [])
        #expect(try list(base + "open/", credentials) == ["f 1"])
    }

    @Test("size and time are asked for, of what is there", arguments: RunningServer.FTPKind.allCases)
    func ftpFacts(kind: RunningServer.FTPKind) throws {
        try home.write("12345", to: "d/f")
        var times = [timespec(tv_sec: 1_700_000_001, tv_nsec: 0), timespec(tv_sec: 1_700_000_001, tv_nsec: 0)]
        #expect(utimensat(AT_FDCWD, home.path("d/f"), &times, 0) == 0)
        let (server, credentials) = try RunningServer.ftp(kind, home: home.path)
        var options = TransferOptions()
        if !credentials.isEmpty { try options.credentials.add(String(credentials.dropLast()), path: "credentials.conf") }
        let fetcher = TransportFetcher(options)
        let (base, policy) = ("ftp://127.0.0.1:\(server.port)/", FetchPolicy(allowsLocal: true))
        for _ in 0..<2 {
            let facts = try fetcher.facts(of: base + "d/f", policy: policy)
            #expect(facts == FileFacts(size: 5, modified: Timestamp(seconds: 1_700_000_001)))
            #expect(try Fetched(base + "d/f", size: 5, by: fetcher).brought(Array("12345".utf8)))
        }
        do {
            _ = try fetcher.facts(of: base + "d/none", policy: policy)
            #expect(Bool(false), "it is said to be there")
        } catch let error as TransferError { #expect(error.code == .gone, "\(error)") }
    }

    enum WebKind: String, CaseIterable, Sendable {
        case nginx, apacheTable, apachePre, apacheList, lighttpd, python

        func start(_ folder: String) throws -> RunningServer {
            switch self {
            case .nginx: try .nginx(folder, lists: true)
            case .apacheTable: try .apache(folder, "IndexOptions FancyIndexing HTMLTable NameWidth=*")
            case .apachePre: try .apache(folder, "IndexOptions FancyIndexing IconsAreLinks NameWidth=20")
            case .apacheList: try .apache(folder, "IndexOptions -FancyIndexing")
            case .lighttpd: try .lighttpd(folder)
            case .python: try .python(folder)
            }
        }

        /// Whether the page says the size of a small file.
        var saysSizes: Bool { [.nginx, .apacheTable, .apachePre].contains(self) }
    }

    @Test(
        "each page of a web server lists files and folders of all names, and no link of its README", arguments: WebKind.allCases)
    func web(kind: WebKind) throws {
        let names = [
            "plain", "a b", "été", "#h", "a&b;c", "it's", "q?x=1", "100%41", "<b>", "12:30",
            "a-name-that-is-longer-than-any-page-shows-without-cutting-it.txt",
        ]
        for name in names { try home.write("123", to: "tree/" + name) }
        try home.write("<p>See <a href=\"other.html\">other.html</a> or <a href='http://h/'>h</a></p>", to: "tree/README.html")
        try home.write("1", to: "tree/sub dir/deep")
        try home.makeFolder("tree/none")
        guard symlink("sub dir", home.path("tree/link")) == 0 else { throw ProcessError("cannot make a link", errno) }
        let server = try kind.start(home.path)
        let url = "http://127.0.0.1:\(server.port)/tree/"
        let files = Set(names.map { kind.saysSizes ? $0 + " 3" : $0 })
        let found = try list(url).filter { !$0.hasPrefix("README.html") }
        #expect(found == files.union(["sub dir/", "none/", "link/"]))
        #expect(try list(url + "sub%20dir/") == [kind.saysSizes ? "deep 1" : "deep"])
        #expect(try list(url + "none/") == [])
        #expect(throws: TransferError.self) { try list(url + "nothing/") }
        // A folder's name without its slash is no file.
        let fetched = try Fetched("http://127.0.0.1:\(server.port)/tree/none")
        #expect(fetched.failed(.refused, "is a folder") && fetched.bytes.isEmpty, "\(fetched)")
    }
}
