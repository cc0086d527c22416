import DDCore
import Glibc

/// nginx with a configuration of its own: the switch's data on one port, the example source's tree on another.
struct WebServer {
    static let program = "/usr/sbin/nginx"

    let folder: SwitchFolder
    let ports: Ports
    /// The example source's tree; any path.
    let sourceRoot: String
    let accessLog: Bool
    /// Another address for the switch's data.
    let listen: String?

    static func check() throws(SwitchError) {
        guard access(program, X_OK) == 0 else {
            throw SwitchError(
                "cannot find \(program): install the Debian package nginx-light", status: ExitStatus.unavailable)
        }
    }

    /// Writes the configuration. The source's tree is reached through a link, because not every path can be written into it.
    func configure() throws {
        try SmallFile.makeFolder(folder.web + "/tmp", mode: 0o700)
        let link = folder.web + "/source"
        unlink(link)
        guard symlink(sourceRoot, link) == 0 else { throw ProcessError("cannot make the link \(link)", errno) }
        try SmallFile.write(configuration, to: folder.web + "/nginx.conf")
    }

    var launch: ChildProcess.Launch {
        let arguments = ["-p", folder.web, "-c", folder.web + "/nginx.conf", "-e", folder.log + "/web.log"]
        return ChildProcess.Launch(Self.program, arguments)
    }

    /// Whether both ports take connections.
    var answers: Bool { FreePort.answers(ports.web) && FreePort.answers(ports.source) }

    private var configuration: String {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "    \($0)_temp_path \(folder.web)/tmp/\($0);"
        }
        // Started by root, nginx would give its worker to another user, who cannot read what is below the folder.
        return """
            daemon off;
            worker_processes 1;
            \(geteuid() == 0 ? "user root;" : "")
            error_log \(folder.log)/web.log warn;
            pid \(folder.web)/nginx.pid;
            events { worker_connections 1024; }
            http {
            \(temporary.joined(separator: "\n"))
                default_type application/octet-stream;
                charset utf-8;
                server_tokens off;
                sendfile on;
                tcp_nopush on;
                keepalive_requests 100000;
                access_log \(accessLog ? folder.log + "/access.log" : "off");
                autoindex on;
                server {
                    listen 127.0.0.1:\(ports.web);
                    \(listen.map { "listen \($0):\(ports.web);" } ?? "")
                    root \(folder.data);
                    # Private data: who may read what is of a group stands in the group's file. Nobody looks at which groups there are.
                    location ~ "^/[0-9]{8}/[^/]+/dd-private/([0-9a-f]{32})/" {
                        auth_basic "private data";
                        auth_basic_user_file \(folder.privateAccounts)/$1;
                    }
                    location ~ "^/[0-9]{8}/[^/]+/dd-private(/|$)" { return 403; }
                }
                server { listen 127.0.0.1:\(ports.source); root \(folder.web)/source; }
            }

            """
    }
}
