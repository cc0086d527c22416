import DDCore

extension RunningServer {
    /// tinyproxy, which lets only `user` through, to any port of this machine.
    public static func tinyproxy(user: (name: String, password: String)) throws -> RunningServer {
        try RunningServer("/usr/bin/tinyproxy") { files, port in
            try files.write(
                """
                Port \(port)
                Listen 127.0.0.1
                Allow 127.0.0.1
                Timeout 60
                MaxClients 100
                LogFile "\(files.path("access"))"
                LogLevel Info
                PidFile "\(files.path("pid"))"
                BasicAuth \(user.name) \(user.password)

                """, to: "conf", mode: 0o600)
            return ["-d", "-c", files.path("conf")]
        }
    }
}
