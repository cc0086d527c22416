import DDCore
import DDTestSupport
import Glibc
import Testing

@Suite("accounts of another backend", .enabled(if: RabbitMQ.isInstalled && Installed.has("/usr/sbin/slapd")))
struct LDAPTests {
    /// A directory of its own for the time of one test: slapd(8) in the foreground, with one user `uid=NAME,dc=example`.
    private final class Directory {
        private let files = Result { try TemporaryFolder() }
        private var server: RunningCommand?

        init(port: UInt16, user: String, password: String) throws {
            let files = try self.files.get()
            try files.makeFolder("data")
            let configuration = try files.write(
                """
                include /etc/ldap/schema/core.schema
                include /etc/ldap/schema/cosine.schema
                modulepath /usr/lib/ldap
                moduleload back_mdb
                pidfile \(files.path("pid"))
                database mdb
                suffix "dc=example"
                rootdn "cn=admin,dc=example"
                directory \(files.path("data"))

                """, to: "slapd.conf")
            let entries = try files.write(
                """
                dn: dc=example
                objectClass: domain
                dc: example

                dn: uid=\(user),dc=example
                objectClass: account
                objectClass: simpleSecurityObject
                uid: \(user)
                userPassword: \(password)

                """, to: "entries.ldif")
            let added = try Command(path: "/usr/sbin/slapadd").run(["-f", configuration, "-l", entries])
            try #require(added.status == 0, "\(added.errors)")
            let arguments = ["-f", configuration, "-h", "ldap://127.0.0.1:\(port)", "-d", "0"]
            server = try Command(path: "/usr/sbin/slapd").start(arguments)
            try #require(waitUntil(seconds: 20) { FreePort.answers(port) })
        }

        deinit { server?.kill() }
    }

    @Test("a user whose password only LDAP has gets objects and permissions, and posts")
    func posts() throws {
        let desk = try Desk()
        let dora = desk.name("dora")
        let directory = try Directory(port: desk.broker.ldapPort, user: dora, password: "only-in-ldap")
        defer { withExtendedLifetime(directory) {} }
        let settings = try desk.settings("dora", "only-in-ldap")
        #expect(RequestSender.refusal(settings) != nil)

        let added = try desk("user", "add", dora, "--role", "source", "--no_password")
        #expect(added.status == 0 && !added.output.contains("password of"), "\(added.errors)")
        #expect(RequestSender.refusal(settings) == nil)
        #expect(RequestSender.refusal(try desk.settings("dora", "wrong-password")) != nil)
        #expect(RequestSender.refusal(try desk.settings("dora", "")) != nil)

        let file = try desk.files.write("data\n", to: "tree/a.txt")
        let post = try Command("dd_post", environment: ["DD_CONFIG_HOME": desk.files.path("none")]).run(
            [
                "-b", desk.broker.url(dora, "only-in-ldap", vhost: desk.word), "-u", "http://127.0.0.1:1/", "-dr",
                desk.files.path("tree"), file,
            ])
        #expect(post.status == 0 && post.output.contains("http://127.0.0.1:1/a.txt"), "\(post.errors)")
    }
}
