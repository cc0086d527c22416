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
