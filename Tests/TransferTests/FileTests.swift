import DDCore
import DDTestSupport
import DDTransfer
import Glibc
import Testing

/// `file:` URLs: only where allowed, and never out of there.
@Suite("file:")
struct FileTests {
    private let folder: TemporaryFolder
    private let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 11) }

    init() throws { folder = try TemporaryFolder() }

    private func fetch(_ path: String, allow: [String] = ["file:///"], size: Int64? = nil, range: FetchRange? = nil) throws
        -> Fetched
    {
        let allowed = try allow.map { try AllowedURL($0, withSource: false) }
        return try Fetched(
            "file://" + path, size: size, range: range, policy: FetchPolicy(allowed: allowed, allowsLocal: true))
    }

    private func writeContent(_ name: String) throws { try folder.write(content, to: name) }

    @Test("a file, and each range of it, is read where an allow_url names its folder")
    func allowed() throws {
        try folder.write("", to: "tree/empty")
        try writeContent("tree/a b#%é")
        let path = folder.path("tree") + "/a%20b%23%25%C3%A9"
        for allow in [["file:///"], ["file://\(folder.path)/tree"], ["file://\(folder.path)/tree/"], ["file://" + path]] {
            let fetched = try fetch(path, allow: allow, size: 3_000_000)
            #expect(fetched.brought(content), "\(allow): \(fetched)")
        }
        for (offset, length) in [(0, 1), (2_999_999, 1), (5, 2_000_000), (0, 3_000_000)] {
            let fetched = try fetch(path, size: 3_000_000, range: FetchRange(offset: Int64(offset), length: Int64(length)))
            #expect(fetched.brought(Array(content[offset..<offset + length])), "\(fetched)")
        }
        #expect(try fetch(folder.path("tree/empty"), size: 0).brought([]))
    }

    @Test("a URL without an authority is the same, and file: alone is the root")
    func bare() throws {
        try folder.makeFolder("tree")
        try writeContent("tree/file")
        let path = folder.path("tree/file")
        for (url, allow) in [
            ("file:" + path, "file:\(folder.path)/tree"), ("file:" + path, "file:"), ("file://" + path, "file:/"),
        ] {
            let policy = FetchPolicy(allowed: [try AllowedURL(allow, withSource: false)], allowsLocal: true)
            #expect(try Fetched(url, size: 3_000_000, policy: policy).brought(content), "\(url) \(allow)")
        }
        // As the tools write them in posts.
        for base in ["file:", "file:/", "file://"] {
            let location = Location(base: base, relpath: path)
            let policy = FetchPolicy(allowed: [try AllowedURL("file:", withSource: false)], allowsLocal: true)
            #expect(try Fetched(location.encodedURL, size: 3_000_000, policy: policy).brought(content), "\(base)")
        }
        for url in ["file:tree/file", "http:/h/x", "file", "http:"] {
            #expect(throws: ConfigError.self, "\(url)") { try URLParts(url) }
        }
        let refused = try Fetched("file:" + path, size: nil, policy: FetchPolicy(allowed: [], allowsLocal: true))
        #expect(refused.error?.code == .notAllowed && refused.bytes.isEmpty)
    }

    @Test("without an allow_url for it nothing is read, also where everything else is allowed")
    func notAllowed() throws {
        let path = try folder.write("x", to: "tree/file")
        try folder.write("x", to: "tree2/file")
        for allow in [[], ["http://127.0.0.1/"], ["file://\(folder.path)/tree2"], ["file://\(folder.path)/tre"]] {
            let fetched = try fetch(path, allow: allow)
            #expect(fetched.failed(.notAllowed, "is not under an allow_url") && fetched.bytes.isEmpty, "\(allow)")
        }
        for path in ["/tree/../tree2/file", "/tree/%2e%2e/tree2/file", "/tree/x%2f..%2f..%2ftree2/file"] {
            let fetched = try fetch(folder.path + path, allow: ["file://\(folder.path)/tree"])
            #expect(fetched.error?.code == .notAllowed && fetched.bytes.isEmpty, "\(path)")
        }
        #expect(try fetch("elsewhere.example" + path).error?.code == .unsupported)
    }

    @Test("a symbolic link is not followed, neither out of the folder nor within it")
    func links() throws {
        try folder.write("x", to: "secret")
        try folder.write("x", to: "tree/file")
        for (name, target) in [("out", "../secret"), ("absolute", folder.path("secret")), ("up", ".."), ("in", "file")] {
            #expect(symlink(target, folder.path("tree/" + name)) == 0)
        }
        for path in ["out", "absolute", "up/secret", "in"] {
            let fetched = try fetch(folder.path("tree/" + path), allow: ["file://\(folder.path)/tree"])
            #expect(fetched.failed(.notAllowed, "symbolic link") && fetched.bytes.isEmpty, "\(path): \(fetched)")
        }
        // The folder that is allowed may itself be behind one.
        #expect(symlink("tree", folder.path("link")) == 0)
        #expect(try fetch(folder.path("link/file"), allow: ["file://\(folder.path)/link"]).brought(Array("x".utf8)))
    }

    @Test("what is not there, no file, or of another size is said")
    func faults() throws {
        let path = try folder.write("content", to: "file")
        try folder.makeFolder("folder")
        #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
        #expect(try fetch(folder.path("none")).failed(.gone, "/none is not there"))
        for name in ["folder", "pipe"] { #expect(try fetch(folder.path(name)).failed(.refused, "is no regular file")) }
        #expect(try fetch(folder.path("file/x")).error?.code == .notAllowed)
        let other = try fetch(path, size: 8)
        #expect(other.failed(.wrongLength, "has 7 bytes, expected 8") && other.bytes.isEmpty)
        let changed = try fetch(path, size: 20, range: FetchRange(offset: 0, length: 5))
        #expect(changed.failed(.changed, "has 7 bytes, expected 20") && changed.bytes.isEmpty)
        let beyond = try fetch(path, range: FetchRange(offset: 5, length: 5))
        #expect(beyond.failed(.changed, "has changed since") && beyond.bytes.isEmpty)
    }
}
