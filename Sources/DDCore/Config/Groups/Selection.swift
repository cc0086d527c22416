import Glibc

/// One line of the ordered list of accept, reject and directory.
public enum SelectionRule: Sendable, Equatable {
    /// What begins with a match is taken.
    case accept(String)
    /// What begins with a match is left out.
    case reject(String)
    /// Where the following accept lines put things; may contain `${%...}` for the date.
    case directory(String)
}

/// Which posts are wanted and where they go. For one thread: it owns compiled patterns.
public struct Selection {
    /// What is to be done with a post.
    public enum Decision: Sendable, Equatable {
        /// Take it; `directory` is the nearest one above the line that decided, `nil` when there is none.
        case accept(directory: String?)
        /// Leave it.
        case reject
    }

    private struct Line {
        let pattern: Pattern
        let decision: Decision
        /// As the configuration has it.
        let text: String
    }

    private let lines: [Line]
    private let otherwise: Decision

    /// Compiles the rules; their order is that of the configuration.
    public init(_ rules: [SelectionRule]) throws(ConfigError) {
        var lines: [Line] = []
        var directory: String?
        var accepts = false
        for rule in rules {
            switch rule {
            case .directory(let path): directory = path
            case .accept(let text):
                accepts = true
                lines.append(Line(pattern: try Pattern(text), decision: .accept(directory: directory), text: "accept \(text)"))
            case .reject(let text): lines.append(Line(pattern: try Pattern(text), decision: .reject, text: "reject \(text)"))
            }
        }
        self.lines = lines
        otherwise = accepts ? .reject : .accept(directory: directory)
    }

    /// The first line whose pattern matches decides. Without an accept line everything else is accepted, with one it is rejected.
    /// A text on which a pattern is too costly is rejected: it may be one that a reject line was to keep out.
    ///
    /// - Parameters:
    ///   - url: base URL and relpath, decoded.
    ///   - now: seconds since 1970 for `${%...}` in the directory; the present when `nil`.
    public func decide(_ url: String, now: Int? = nil) -> Decision {
        guard let (line, isTooCostly) = deciding(url) else { return Selection.dated(otherwise, now) }
        return isTooCostly ? .reject : Selection.dated(line.decision, now)
    }

    /// The same; what is left is said in `log`, with the line that decides: at level notice with `aloud` (`log_reject`), otherwise at debug.
    func decide(_ url: String, _ log: Log, aloud: Bool) -> Decision {
        let decision = decide(url)
        guard decision == .reject else { return decision }
        if aloud { log.notice("\(url) is left: \(reason(for: url))") } else { log.debug("\(url) is left: \(reason(for: url))") }
        return decision
    }

    /// Why `decide` decides as it does: the line of the configuration, or that none matches.
    public func reason(for url: String) -> String {
        if let (line, isTooCostly) = deciding(url) {
            return isTooCostly ? "\(line.text) is too costly to be tried on this name, which is therefore left" : line.text
        }
        if lines.isEmpty { return "there is no accept and no reject line: everything is taken" }
        return otherwise == .reject ? "no line matches, and there are accept lines" : "no reject line matches"
    }

    /// The first line whose pattern matches, or is too costly to be tried; `nil`: none.
    private func deciding(_ url: String) -> (line: Line, isTooCostly: Bool)? {
        for line in lines {
            switch line.pattern.match(url) {
            case .noMatch: continue
            case .match: return (line, false)
            case .tooCostly: return (line, true)
            }
        }
        return nil
    }

    private static func dated(_ decision: Decision, _ now: Int?) -> Decision {
        guard case .accept(let directory?) = decision, directory.contains("$") else { return decision }
        return .accept(directory: Expansion.dated(directory, now: now ?? time(nil)))
    }
}
