import DDCore
import Glibc

/// The folder under which everything of a switch is kept, and where what is in it.
struct SwitchFolder {
    /// Absolute, without links, without a final `/`.
    let path: String

    /// Held by the running switch.
    var lock: String { path + "/lock" }
    /// Shell variables for who uses the switch; there only while it runs.
    var env: String { path + "/env" }
    /// User and password, one account per line.
    var secrets: String { path + "/secrets" }
    /// Generated configuration of our programs (`DD_CONFIG_HOME`).
    var etc: String { path + "/etc" }
    /// What our programs keep (`DD_STATE_HOME`).
    var state: String { path + "/state" }
    /// The document root of the switch.
    var data: String { path + "/data" }
    /// Who may fetch private data, for nginx.
    var privateAccounts: String { path + "/private" }
    /// The example source's tree when no other is served.
    var source: String { path + "/source" }
    var broker: String { path + "/broker" }
    var web: String { path + "/web" }
    /// Process numbers of what runs.
    var run: String { path + "/run" }
    var log: String { path + "/log" }

    /// The bytes that a path may have: those that mean themselves in the configuration files and scripts of nginx and RabbitMQ.
    static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@,".utf8)

    /// Makes the folder where it is absent; a fresh one in the folder for temporary files when none is named.
    init(_ named: String?) throws {
        if let named {
            try SmallFile.makeFolder(named, mode: 0o700)
            path = try Self.resolved(named)
        } else {
            let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
            var template = Array((parent + "/dd_switch.XXXXXX").utf8CString)
            guard mkdtemp(&template) != nil else { throw ProcessError("cannot make a folder in \(parent)", errno) }
            path = try Self.resolved(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        guard path.utf8.allSatisfy(Self.plain.contains) else {
            let why = "nginx and rabbitmq cannot be given it; choose a folder of letters, digits and ._-+@, only"
            throw SwitchError("cannot use the folder \(path): \(why)", status: ExitStatus.usage)
        }
    }

    /// Throws unless the folder is this user's alone, and so is what an earlier start has left in it: whoever else could write here would know
    /// the passwords, or have others' files written over.
    func requireOwn() throws(SwitchError) {
        var facts = stat()
        func refuse(_ path: String, _ why: String) -> SwitchError {
            SwitchError("cannot use the folder \(self.path): \(path) \(why); name another folder", status: ExitStatus.failed)
        }
        guard stat(path, &facts) == 0 else { throw refuse(path, "cannot be looked at") }
        guard facts.st_uid == geteuid() else { throw refuse(path, "belongs to another user") }
        guard facts.st_mode & 0o022 == 0 else { throw refuse(path, "can be written by others (chmod go-w \(path))") }
        for entry in [lock, env, secrets, etc, state, data, privateAccounts, broker, web, run, log, source]
        where lstat(entry, &facts) == 0 {
            guard facts.st_uid == geteuid() else { throw refuse(entry, "belongs to another user") }
            guard [lock, env, secrets].contains(entry) else { continue }
            guard facts.st_mode & S_IFMT == S_IFREG, facts.st_nlink == 1 else {
                throw refuse(entry, "is a link or no plain file")
            }
            guard facts.st_mode & 0o077 == 0 else { throw refuse(entry, "can be used by others (chmod go= \(entry))") }
        }
    }

    /// Makes the folders below.
    func makeFolders() throws {
        for folder in [etc, state, data, broker, web, run, log] { try SmallFile.makeFolder(folder, mode: 0o755) }
        if !SmallFile.isFolder(source) {
            try SmallFile.makeFolder(source + "/hello")
            try SmallFile.write("a first file to send\n", to: source + "/hello/hello.txt")
        }
    }

    /// The absolute path without links.
    static func resolved(_ path: String) throws(ProcessError) -> String {
        guard let real = realpath(path, nil) else { throw ProcessError("cannot use the folder \(path)", errno) }
        defer { free(real) }
        return String(cString: real)
    }
}
