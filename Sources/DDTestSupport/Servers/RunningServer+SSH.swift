import DDCore
import Glibc

/// A pair of ssh keys: ssh-keygen(1).
public struct SSHKey: Sendable {
    private let files: TemporaryFolder

    /// Makes one of a kind that ssh-keygen knows (`ed25519`, `ecdsa`, `rsa`), with a passphrase or an empty one. `form`: as ssh-keygen's
    /// `-m` has it (`RFC4716` is OpenSSH's own, `PEM`, `PKCS8`).
    public init(_ kind: String, passphrase: String = "", form: String = "RFC4716") throws {
        files = try TemporaryFolder()
        try Tool.run(
            "/usr/bin/ssh-keygen", ["-q", "-t", kind, "-m", form, "-N", passphrase, "-f", files.path("key")], in: files)
    }

    /// The file of the private key.
    public var path: String { files.path("key") }
    /// The line of the public key.
    public var line: String { SmallFile.text(files.path("key.pub")) ?? "" }
    /// Kind and key alone, as files of known hosts have them.
    public var bare: String { line.split(separator: " ").prefix(2).joined(separator: " ") }
}

extension RunningServer {
    /// OpenSSH's server, which takes the user who runs the tests with one of `users`, and nobody with a password. It serves the files of
    /// this machine; logins begin in `home`.
    public static func sshd(home: String, host: SSHKey, users: [SSHKey]) throws -> RunningServer {
        // Started by root it wants this folder of the system to be there.
        if geteuid() == 0 { try SmallFile.makeFolder("/run/sshd") }
        return try RunningServer("/usr/sbin/sshd") { files, port in
            try files.write(users.map(\.line).joined(), to: "users", mode: 0o600)
            try files.write(
                """
                Port \(port)
                ListenAddress 127.0.0.1
                HostKey \(host.path)
                PidFile none
                AuthorizedKeysFile \(files.path("users"))
                StrictModes no
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                UsePAM no
                PermitRootLogin yes
                MaxStartups 100
                Subsystem sftp internal-sftp -d \(home)
                LogLevel VERBOSE

                """, to: "conf")
            return ["-D", "-e", "-f", files.path("conf")]
        }
    }

    /// The line of a file of known hosts for a server at this port with the key `host`.
    public func knownHost(_ host: SSHKey) -> String { "[127.0.0.1]:\(port) \(host.bare)\n" }
}
