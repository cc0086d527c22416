import DDCore
import DDTestSupport
import Glibc

/// A server of the files below a folder for each transport, what its account's lines in credentials.conf are, and which options it needs.
struct TransportSource {
    enum Transport: String, CaseIterable, Sendable {
        case http, https
        /// http and https through a proxy with an account.
        case proxy, proxytls
        case sftp, ftp
        /// TLS begun by a command, and from the first byte.
        case ftptls, ftps
        case file
    }

    /// What can be restarted; none for `file`.
    private(set) var servers: [RunningServer] = []
    private(set) var url: String
    private(set) var credentials = ""
    private(set) var options = ""
    /// What has to live as long as the servers.
    private var keys: [SSHKey] = []
    private var authority: TestCertificates?

    /// What must appear in no log.
    static let password = "s3cret"
    private static let account = (name: "carol", password: password)

    /// What is needed for all of them.
    static var isInstalled: Bool {
        Installed.has("/usr/sbin/sshd", "/usr/sbin/proftpd", "/usr/bin/tinyproxy")
    }

    /// `appends`: an ftp server goes on with files that are there.
    init(_ transport: Transport, home: String, _ parties: Parties, appends: Bool = false) throws {
        let account = Self.account
        let authority = try TestCertificates()
        let pair = try authority.server("127.0.0.1")
        let encrypted = "data_cafile \(try parties.write(SmallFile.text(authority.authority) ?? "", to: "authority.pem"))\n"
        switch transport {
        case .file: url = "file://\(home)/"
        case .http, .proxy:
            let server = try RunningServer.nginx(home)
            (servers, url) = ([server], "http://127.0.0.1:\(server.port)/")
        case .https, .proxytls:
            let server = try RunningServer.nginx(home, certificate: pair)
            (servers, self.authority, url) = ([server], authority, "https://127.0.0.1:\(server.port)/")
            options = encrypted
        case .sftp:
            keys = [try SSHKey("ed25519"), try SSHKey("ecdsa")]
            let server = try RunningServer.sshd(home: home, host: keys[0], users: [keys[1]])
            let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "nobody"
            (servers, url) = ([server], "sftp://\(user)@127.0.0.1:\(server.port)/")
            credentials = "sftp://\(user)@127.0.0.1:\(server.port)/ ssh_keyfile=\(keys[1].path)\n"
            options = "known_hosts \(try parties.write(server.knownHost(keys[0]), to: "known_hosts"))\n"
        case .ftp, .ftptls, .ftps:
            let speech: RunningServer.Speech =
                switch transport {
                case .ftp: .ftp
                case .ftps: .implicitTLS(certificate: pair.certificate, key: pair.key)
                default: .startTLS(certificate: pair.certificate, key: pair.key)
                }
            let server = try RunningServer.proftpd(speech, home: home, user: account, appends: appends)
            let (scheme, host) = (transport == .ftps ? "ftps" : "ftp", "127.0.0.1:\(server.port)")
            (servers, self.authority) = ([server], authority)
            credentials = "\(scheme)://\(account.name):\(account.password)@\(host)/ \(transport == .ftptls ? "tls" : "passive")\n"
            options = transport == .ftp ? "" : encrypted
            // From the login's folder, and from the root.
            url = transport == .ftp ? "ftp://carol@\(host)//\(home.dropFirst())/" : "\(scheme)://\(host)/"
        }
        if transport == .proxy || transport == .proxytls {
            let proxy = try RunningServer.tinyproxy(user: account)
            servers.append(proxy)
            credentials = "http://\(account.name):\(account.password)@127.0.0.1:\(proxy.port)/\n"
            options += "proxy http://127.0.0.1:\(proxy.port)\n"
        }
    }

    /// The URL without what is before `@`.
    var allowed: String { (try? URLParts(url)).map { "\($0.withoutAccount)" } ?? url }
}
