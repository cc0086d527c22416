/// Where a setting was written.
public enum Origin: Sendable, Equatable, CustomStringConvertible {
    /// Among the arguments.
    case commandLine
    /// In a file; lines count from 1.
    case file(path: String, line: Int)
    /// A default of the option table.
    case builtIn

    /// `command line`, `path:line` or `default`.
    public var description: String {
        switch self {
        case .commandLine: "command line"
        case .file(let path, let line): "\(path):\(line)"
        case .builtIn: "default"
        }
    }
}

/// What is wrong with a command line, an option file, a credentials file or a URL in them.
public struct ConfigError: ProgramEnding, Sendable, Equatable, CustomStringConvertible {
    /// Who has to change something.
    public enum Code: Sendable, Equatable {
        /// The command line is wrong: the caller changes it.
        case usage
        /// A file, or what all settings come to together, is wrong.
        case configuration
    }

    /// Where the fault is.
    public let code: Code
    /// One line, lower case, without passwords.
    public let text: String

    /// An error of the given kind; `text` is one line.
    public init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }

    /// An error at a place: the text begins with it, and the place decides between usage and configuration.
    public init(at origin: Origin, _ text: String) {
        switch origin {
        case .commandLine: self.init(.usage, "command line: \(text)")
        case .file(let path, let line): self.init(.configuration, "\(path):\(line): \(text)")
        case .builtIn: self.init(.configuration, text)
        }
    }

    /// What the program exits with: `ExitStatus.usage` or `ExitStatus.configuration`.
    public var exitStatus: Int32 {
        switch code {
        case .usage: ExitStatus.usage
        case .configuration: ExitStatus.configuration
        }
    }

    /// The text.
    public var description: String { text }

    /// The same error, said to be at `origin`.
    func placed(at origin: Origin) -> ConfigError { ConfigError(at: origin, text) }
}
