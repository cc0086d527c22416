import Glibc

/// Where the password of an account comes from.
public enum PasswordSource: Sendable, Equatable {
    /// Nothing was said: asked for on a terminal, made otherwise.
    case unsaid
    /// `--password`.
    case given(Secret)
    /// `--password_file`: read, or made and written where there is no such file.
    case file(String)
    /// `--no_password`.
    case none

    /// What the options of a command say.
    public init(_ settings: Settings) throws(ConfigError) {
        let given = settings.textIfAny("password")
        let file = settings.textIfAny("password_file")
        let none = settings.given("no_password").flatMap { Values.bool($0.value) } ?? false
        guard [given != nil, file != nil, none].filter(\.self).count <= 1 else {
            throw ConfigError(.usage, "only one of --password, --password_file and --no_password can be given")
        }
        if let given {
            self = .given(Secret(given))
        } else if let file {
            self = .file(file)
        } else {
            self = none ? .none : .unsaid
        }
    }

    /// The password for `user`. `mayMake`: one is made where nobody is asked; it is for `tell` then, unless it went to a file.
    func password(for user: String, mayMake: Bool) throws -> NewPassword {
        switch self {
        case .none: return .none
        case .given(let secret): return try NewPassword(secret.reveal())
        case .file(let path): return try Self.read(path, mayMake: mayMake)
        case .unsaid: break
        }
        let hint = mayMake ? " (empty: one is made)" : ""
        switch Terminal.secret("New password of \(user)\(hint): ") {
        case .nobody where mayMake, .line("") where mayMake: return try .made()
        case .nobody: throw ConfigError(.usage, "no terminal to ask for the password on: give --password_file FILE")
        case .none: throw ConfigError(.usage, "no password was given for \(user): nothing is done")
        case .line(let first):
            guard Terminal.secret("The same again: ") == .line(first) else {
                throw ConfigError(.usage, "the two passwords are not the same")
            }
            return try NewPassword(first)
        }
    }

    /// The password that a user has chosen; none is made.
    public func chosenPassword(for user: String) throws -> NewPassword { try password(for: user, mayMake: false) }

    private static func read(_ path: String, mayMake: Bool) throws -> NewPassword {
        switch TextFile.read(path) {
        case .success(let file):
            guard file.mode & 0o077 == 0 else {
                throw ConfigError(.configuration, "the password file \(path) can be read by others: chmod 600 \(path)")
            }
            return try NewPassword(TextFile.lines(of: file.text).first ?? "")
        case .failure(.system(ENOENT)) where mayMake:
            let made = NewPassword.freshText()
            try SmallFile.write(made + "\n", to: path, mode: 0o600)
            return try NewPassword(made)
        case .failure(let failure):
            throw ConfigError(.configuration, "cannot read the password file \(path): \(failure.reason)")
        }
    }
}
