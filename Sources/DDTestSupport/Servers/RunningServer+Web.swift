import DDCore
import Glibc

extension RunningServer {
    /// nginx that serves `folder`, or a folder of its own; with `certificate` over TLS, with `user` (name and password) only to him; with `lists` it shows its folders.
    public static func nginx(
        _ folder: String? = nil, certificate: (certificate: String, key: String)? = nil,
        user: (name: String, password: String)? = nil, lists: Bool = false
    ) throws -> RunningServer {
        try RunningServer("/usr/sbin/nginx") { files, port in
            if let folder { symlink(folder, files.path("root")) } else { try files.makeFolder("root") }
            var server = "listen 127.0.0.1:\(port)\(certificate == nil ? "" : " ssl"); root \(files.path("root"));\n"
            if lists { server += "autoindex on;\n" }
            if let certificate {
                server += "ssl_certificate \(certificate.certificate); ssl_certificate_key \(certificate.key);\n"
            }
            if let user {
                let digest = try Tool.run("/usr/bin/openssl", ["passwd", "-apr1", user.password], in: files)
                try files.write("\(user.name):\(digest)", to: "users")
                server += "auth_basic files; auth_basic_user_file \(files.path("users"));\n"
            }
            let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(files.path($0));\n" }
                .joined()
            try files.write(
                """
                daemon off; worker_processes 1; pid \(files.path("pid"));
                \(geteuid() == 0 ? "user root;" : "")
                events { worker_connections 256; }
                http {
                \(paths)
                default_type application/octet-stream; keepalive_requests 100000; sendfile on;
                log_format test '$request $status $remote_user $http_range $body_bytes_sent $connection';
                access_log \(files.path("access")) test;
                server { \(server) }
                }
                """, to: "conf")
            return ["-p", files.path, "-c", files.path("conf"), "-e", files.path("log")]
        }
    }

    /// The folder that nginx serves.
    public var root: String { files.path("root") }

    /// Where nginx serves it, without TLS.
    public var url: String { "http://127.0.0.1:\(port)/" }

    /// The lines of the access log of nginx: request, status, user, range, bytes, number of the connection.
    public var accesses: [String] { (SmallFile.text(files.path("access")) ?? "").split(separator: "\n").map(String.init) }

    /// Apache's WebDAV (mod_dav) for what is below `folder`, for one account. It writes as the user who runs the tests.
    public static func webdav(_ folder: String, user: (name: String, password: String)) throws -> RunningServer {
        try RunningServer("/usr/sbin/apache2") { files, port in
            let names = [
                "mpm_event", "authz_core", "authz_user", "authn_core", "authn_file", "auth_basic", "dav", "dav_fs", "mime",
            ]
            let modules = names.map { "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so\n" }.joined()
            let digest = try Tool.run("/usr/bin/openssl", ["passwd", "-apr1", user.password], in: files)
            try files.write("\(user.name):\(digest.split(separator: "\n").first ?? "")\n", to: "users")
            // As root Apache serves as another user, who could not write here.
            let owner = geteuid() == 0 ? "User nobody\nGroup nogroup\n" : ""
            if geteuid() == 0 {
                chmod(folder, 0o777)
                chmod(String(folder[..<(folder.lastIndex(of: "/") ?? folder.endIndex)]), 0o755)
            }
            try files.makeFolder("locks")
            chmod(files.path("locks"), 0o777)
            chmod(files.path, 0o755)
            try files.write(
                """
                ServerRoot \(files.path)
                Listen 127.0.0.1:\(port)
                ServerName test
                PidFile \(files.path("pid"))
                DefaultRuntimeDir \(files.path)
                ErrorLog \(files.path("errors"))
                \(modules)\(owner)TypesConfig /dev/null
                DavLockDB \(files.path("locks/db"))
                DocumentRoot \(folder)
                <Directory \(folder)>
                Dav On
                AuthType Basic
                AuthName test
                AuthUserFile \(files.path("users"))
                Require valid-user
                </Directory>

                """, to: "conf")
            return ["-X", "-f", files.path("conf")]
        }
    }
}
