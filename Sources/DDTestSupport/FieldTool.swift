import DDCore
import Glibc

/// The field's own tools, from PyPI, each in a virtual environment beside the test bundle: made by the first test that wants it, kept
/// for the next run.
public enum FieldTool: String, CaseIterable, Sendable {
    /// The current one, in Python.
    case sr3
    /// The one before it.
    case v2

    /// The package and its version.
    public var requirement: String {
        switch self {
        case .sr3: "metpx-sr3[amqp]==3.3.1"
        case .v2: "metpx-sarracenia==2.24.8.post2"
        }
    }

    /// The path of one of its programs, or of its `python`. Installs it when it is not there, which takes some seconds; throws what pip said when
    /// that fails.
    public func program(_ name: String) throws -> String {
        try install()
        return folder + "/bin/" + name
    }

    private var folder: String { "\(Command.folderOfBundle)/field-tools/\(requirement.replacing("[amqp]", with: ""))" }

    private func install() throws {
        let ready = folder + "/installed"
        guard access(ready, R_OK) != 0 else { return }
        try SmallFile.makeFolder(Command.folderOfBundle + "/field-tools")
        var lock: FileLock?
        // Another test process may be at it.
        _ = try waitUntil(seconds: 300) {
            lock = try FileLock(folder + ".lock")
            return lock != nil
        }
        defer { withExtendedLifetime(lock) {} }
        guard access(ready, R_OK) != 0 else { return }
        TemporaryFolder.remove(folder)
        try run("/usr/bin/python3", ["-m", "venv", folder])
        try run(folder + "/bin/pip", ["install", "--quiet", "--disable-pip-version-check", requirement])
        try SmallFile.write(requirement, to: ready)
    }

    private func run(_ program: String, _ words: [String]) throws {
        let outcome = try Command(path: program).run(words, seconds: 240)
        guard outcome.status == 0 else {
            throw NotInstalled(
                description:
                    "cannot install \(requirement): \(program) ended with \(outcome.status): \(outcome.output)\(outcome.errors)")
        }
    }

    /// The tool could not be installed: the package index is not reached, or python3-venv is missing.
    public struct NotInstalled: Error, CustomStringConvertible {
        /// What was run and what it said.
        public let description: String
    }
}
