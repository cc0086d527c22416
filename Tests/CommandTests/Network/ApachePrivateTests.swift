import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("private data at Apache", .enabled(if: Installed.has("/usr/sbin/apache2")))
struct ApachePrivateTests {
    @Test("the sections of etc/web let in who stands in the group's file, and nobody else, also before there is one")
    func sections() throws {
        let folder = try TemporaryFolder()
        let (group, none) = (String(repeating: "0a", count: 16), String(repeating: "0b", count: 16))
        let path = "20261127/alice/dd-private/\(group)/d/f"
        try folder.write("private", to: "root/" + path)
        try folder.write("public", to: "root/20261127/alice/d/f")
        let privates = PrivateAccess(folder.path("accounts"), cluster: "here", log: Log(program: "test"))
        for name in ["bob", "ob", "eve"] {
            var record = UserRecord(name: name, role: .consumer)
            record.web = WebSecret.make(user: name, password: "secret of " + name).flatMap(WebSecret.hash)
            privates.apply(record)
        }
        try privates.admit(["bob"], to: group, of: "here")
        // Apache started by root reads as nobody.
        for file in [group, ".users"] { chmod(folder.path("accounts/" + file), 0o644) }
        for path in [folder.path, folder.path("accounts")] { chmod(path, 0o755) }
        let home = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let sections = try #require(SmallFile.text(home + "/etc/web/apache.conf"))
        let server = try RunningServer.apache(
            folder.path("root"), "", modules: ["authn_core", "authn_file", "authz_user", "auth_basic"],
            sections: sections.replacing("/srv/dd-private", with: folder.path("accounts")))
        defer { server.stop() }
        func answer(_ path: String, _ user: String?) throws -> String {
            let secret = try user.map { try #require(WebSecret.make(user: $0, password: "secret of " + $0)) }
            let account = user.flatMap { name in secret.map { ["-u", "\(name):\($0)"] } } ?? []
            let more = ["--path-as-is", "http://127.0.0.1:\(server.port)/" + path]
            return try Command(path: "/usr/bin/curl").run(["-s", "-o", "/dev/null", "-w", "%{http_code}"] + account + more).output
        }
        #expect(waitUntil(seconds: 20) { (try? answer("20261127/alice/d/f", nil)) == "200" }, "\(server.log)")
        for other in [path, path.replacing("dd-p", with: "%64d-p"), path.replacing("/dd-private/", with: "//dd-private//")] {
            #expect(try answer(other, "bob") == "200")
            for user in [nil, "ob", "eve"] { #expect(try answer(other, user) == "401", "\(other) \(user ?? "")") }
        }
        #expect(try answer("20261127/alice/dd-private/", "bob") == "403")
        // A group of which nothing is known: Apache cannot say who is in it, and lets nobody in.
        try folder.write("private", to: "root/20261127/alice/dd-private/\(none)/f")
        #expect(try answer("20261127/alice/dd-private/\(none)/f", "bob") == "500")
    }
}
