import DDCore
import Glibc

/// Servers of files that Debian has, for what each lists in its own way. Those that cannot be installed beside each other lie unpacked below
/// `.build/servers`, where scripts/install-deps puts them.
extension RunningServer {
    /// The path of a program; the unpacked one where there is one.
    private static func program(_ path: String) -> String {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        let unpacked = "\(root)/.build/servers\(path)"
        return access(unpacked, X_OK) == 0 ? unpacked : path
    }

    /// Whether all of them are there, and may be started: vsftpd and pure-ftpd begin as root.
    public static var hasListingServers: Bool {
        geteuid() == 0
            && ["/usr/sbin/vsftpd", "/usr/sbin/pure-ftpd", "/usr/bin/pure-pw", "/usr/sbin/lighttpd", "/usr/sbin/apache2"]
                .allSatisfy {
                    access(program($0), X_OK) == 0
                }
    }

    /// The ftp servers of Debian.
    public enum FTPKind: String, CaseIterable, Sendable {
        case proftpd, vsftpd, pureftpd
    }

    /// One of them, which shows what is below `home` with the rights of a user who owns nothing there; and its account's line for credentials.conf.
    public static func ftp(_ kind: FTPKind, home: String) throws -> (server: RunningServer, credentials: String) {
        let account = (name: "carol", password: "pw")
        let server: RunningServer
        switch kind {
        case .proftpd: server = try proftpd(.ftp, home: home, user: account, isNobody: true)
        case .vsftpd: server = try vsftpd(home)
        case .pureftpd: server = try pureftpd(home, account)
        }
        let line = kind == .vsftpd ? "" : "ftp://\(account.name):\(account.password)@127.0.0.1:\(server.port)/\n"
        return (server, line)
    }

    private static func vsftpd(_ home: String) throws -> RunningServer {
        try RunningServer(program("/usr/sbin/vsftpd")) { files, port in
            try files.makeFolder("empty")
            try files.write(
                """
                listen=YES
                listen_address=127.0.0.1
                listen_port=\(port)
                background=NO
                anonymous_enable=YES
                no_anon_password=YES
                anon_root=\(home)
                ftp_username=daemon
                secure_chroot_dir=\(files.path("empty"))
                seccomp_sandbox=NO
                xferlog_enable=NO

                """, to: "conf", mode: 0o600)
            return [files.path("conf")]
        }
    }

    private static func pureftpd(_ home: String, _ account: (name: String, password: String)) throws -> RunningServer {
        try RunningServer(program("/usr/sbin/pure-ftpd")) { files, port in
            try Tool.run(
                program("/usr/bin/pure-pw"),
                ["useradd", account.name, "-f", files.path("users"), "-F", files.path("db"), "-u", "65534", "-g", "65534"]
                    + ["-d", home, "-m"], in: files, input: "\(account.password)\n\(account.password)\n")
            return [
                "-S", "127.0.0.1,\(port)", "-l", "puredb:\(files.path("db"))", "-E", "-u", "100", "-H", "-g", files.path("pid"),
            ]
        }
    }

    /// Apache's page of `folder`, with these options of mod_autoindex, and `sections` of a virtual host that need these modules.
    public static func apache(
        _ folder: String, _ options: String, modules more: [String] = [], sections: String = ""
    ) throws -> RunningServer {
        try RunningServer(program("/usr/sbin/apache2")) { files, port in
            let modules = (["mpm_event", "authz_core", "autoindex", "mime", "dir"] + more).map {
                "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so\n"
            }.joined()
            let user = geteuid() == 0 ? "User nobody\nGroup nogroup\n" : ""
            try files.write(
                """
                ServerRoot \(files.path)
                Listen 127.0.0.1:\(port)
                ServerName test
                PidFile \(files.path("pid"))
                DefaultRuntimeDir \(files.path)
                ErrorLog \(files.path("errors"))
                LogFormat "%r %>s" test
                \(modules)\(user)TypesConfig /dev/null
                AddType text/html .html
                DocumentRoot \(folder)
                <Directory \(folder)>
                Options Indexes FollowSymLinks
                Require all granted
                ReadmeName README.html
                DirectoryIndex disabled
                \(options)
                </Directory>
                \(sections)

                """, to: "conf")
            return ["-X", "-f", files.path("conf")]
        }
    }

    /// lighttpd's page of `folder`.
    public static func lighttpd(_ folder: String) throws -> RunningServer {
        let program = program("/usr/sbin/lighttpd")
        let modules = program.replacing("/sbin/lighttpd", with: "/lib/lighttpd")
        return try RunningServer(program) { files, port in
            try files.write(
                """
                server.document-root = "\(folder)"
                server.bind = "127.0.0.1"
                server.port = \(port)
                server.modules = ("mod_dirlisting")
                server.errorlog = "\(files.path("errors"))"
                server.stat-cache-engine = "disable"
                dir-listing.activate = "enable"
                dir-listing.show-readme = "README.html"
                mimetype.assign = ("" => "application/octet-stream")

                """, to: "conf")
            return ["-D", "-f", files.path("conf"), "-m", modules]
        }
    }

    /// The page of `folder` that Python's http.server makes.
    public static func python(_ folder: String) throws -> RunningServer {
        try RunningServer("/usr/bin/python3") { _, port in
            ["-m", "http.server", "-b", "127.0.0.1", "-d", folder, "\(port)"]
        }
    }
}
