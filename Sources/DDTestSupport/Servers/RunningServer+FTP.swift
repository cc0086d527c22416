import DDCore
import Glibc

extension RunningServer {
    /// How proftpd is spoken with.
    public enum Speech: Sendable {
        /// ftp in clear.
        case ftp
        /// ftp that is changed to TLS, by the certificate and key in these files; nothing is done without.
        case startTLS(certificate: String, key: String)
        /// ftp within TLS.
        case implicitTLS(certificate: String, key: String)
        /// sftp, with this host key, which has to be in the form `PEM`.
        case sftp(SSHKey)
    }

    /// proftpd for one account, whose logins begin in `home`; over ftp for anonymous too, below the folder `open`. It serves the files of
    /// this machine; to the account as nobody may read them where that is said.
    public static func proftpd(
        _ speech: Speech, home: String, user: (name: String, password: String), open: String? = nil, isNobody: Bool = false,
        appends: Bool = false
    ) throws -> RunningServer {
        try RunningServer("/usr/sbin/proftpd") { files, port in
            let digest = try Tool.run("/usr/bin/openssl", ["passwd", "-5", user.password], in: files)
            let numbers = isNobody ? "65534:65534" : "\(geteuid()):\(getegid())"
            let account = "\(user.name):\(digest.split(separator: "\n").first ?? ""):\(numbers)::\(home):/bin/sh\n"
            let names = accountNames()
            let own = "\(names.user):*:\(geteuid()):\(getegid())::\(home):/bin/sh\n"
            try files.write(account + own, to: "users", mode: 0o600)
            var lines = """
                ServerType standalone
                AllowOverwrite \(appends ? "on" : "off")
                AllowStoreRestart \(appends ? "on" : "off")
                DefaultAddress 127.0.0.1
                Port \(port)
                UseIPv6 off
                UseReverseDNS off
                User \(names.user)
                Group \(names.group)
                RootLogin on
                UseFtpUsers off
                RequireValidShell off
                ModulePath /usr/lib/proftpd
                ScoreboardFile \(files.path("score"))
                PidFile \(files.path("pid"))
                SystemLog \(files.path("system"))
                TransferLog none
                WtmpLog off
                AuthUserFile \(files.path("users"))
                AuthOrder mod_auth_file.c
                AuthPAM off
                LogFormat test "%r %s"
                ExtendedLog \(files.path("access")) ALL test

                """
            switch speech {
            case .ftp: break
            case .startTLS(let certificate, let key), .implicitTLS(let certificate, let key):
                lines += "LoadModule mod_tls.c\nTLSEngine on\nTLSRequired on\n"
                lines += "TLSECCertificateFile \(certificate)\nTLSECCertificateKeyFile \(key)\n"
                if case .implicitTLS = speech { lines += "TLSOptions UseImplicitSSL\n" }
            case .sftp(let key):
                lines += "LoadModule mod_sftp.c\nSFTPEngine on\nSFTPHostKey \(key.path)\nSFTPAuthMethods password\n"
            }
            if let open {
                lines +=
                    "<Anonymous \(open)>\nUser \(names.user)\nGroup \(names.group)\nUserAlias anonymous \(names.user)\nRootLogin on\n</Anonymous>\n"
            }
            try files.write(lines, to: "conf")
            return ["-n", "-c", files.path("conf")]
        }
    }

    /// The names of this process's user and group.
    private static func accountNames() -> (user: String, group: String) {
        let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) }
        let group = getgrgid(getegid()).map { String(cString: $0.pointee.gr_name) }
        return (user ?? "nobody", group ?? "nogroup")
    }
}
