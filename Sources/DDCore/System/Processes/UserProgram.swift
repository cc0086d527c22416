/// A program of the user's that judges items: `on_message`, `on_part`, `on_file`.
///
/// Written as a command it is run once for each item, which is its last argument. With `|` in front it is started once and given one line
/// of JSON for each item, see `ProgramServer`.
public struct UserProgram: Sendable, Equatable {
    /// How the program is run for one item; its words are the program's also where it is started once.
    public let command: CommandRunner
    /// It is started once and asked by lines.
    public let isServer: Bool

    /// Reads `COMMAND` or `| COMMAND`, cut by `CommandWords`.
    public init(_ text: String, limit: Duration? = nil) throws(ConfigError) {
        let trimmed = text.utf8.drop { $0 == UInt8(ascii: " ") }
        isServer = trimmed.first == UInt8(ascii: "|")
        command = try CommandRunner(isServer ? String(Substring(trimmed.dropFirst())) : text, limit: limit)
    }

    /// What a program says of an item.
    enum Judgement: Equatable {
        case accepts
        case refuses(String)
        /// It cannot tell now.
        case later(String)
        /// It was not asked: one that an earlier run of this program has started still works on the item.
        case stillWorks
    }
}

/// A `UserProgram` ready to be asked from any thread.
final class Judge: Sendable {
    private let program: UserProgram
    private let server: ProgramServer?
    private let locks: String?
    private let relay: ErrorRelay?

    /// `option` is what its lines in `log` are called. `locks` is the path of the file of locks that keep it from working twice on one item at
    /// the same time; `nil`: nothing does. Throws when the system has no thread left.
    init(_ program: UserProgram, _ option: String = "", locks: String? = nil, _ log: Log? = nil) throws(ProcessError) {
        self.program = program
        self.locks = locks
        relay = log.flatMap { ErrorRelay("\(option) '\(program.command.words.first ?? "")'", $0) }
        server =
            program.isServer
            ? try ProgramServer(program.command.words, limit: program.command.limit, locks: locks, errors: relay?.stream) : nil
    }

    /// What it is called in reports.
    var name: String { program.command.words.first ?? "" }

    /// Asks about the item at `path`; `facts` are what else is known of it. Blocks. Throws when a command cannot be started.
    func ask(_ path: String, _ facts: ItemFacts) throws(ProcessError) -> UserProgram.Judgement {
        if let server { return ask(server, path, facts) }
        let lock: ItemLock? = if let locks { try ItemLock(locks) } else { nil }
        let item = facts.item(path)
        guard try lock?.take(item) ?? true else { return .stillWorks }
        defer { lock?.release(item) }
        switch try program.command.run([path], environment: facts.environment(path), kept: lock?.descriptor, relay) {
        case .status(0): return .accepts
        case .status(75): return .later("asks for another call later")
        case .status(let status): return .refuses("refused it with exit status \(status)")
        case .timedOut: return .refuses("was ended at its time limit")
        }
    }

    private func ask(_ server: ProgramServer, _ path: String, _ facts: ItemFacts) -> UserProgram.Judgement {
        let answer: String
        do throws(ProgramServer.Failure) { answer = try server.ask(facts.json(path), about: facts.item(path)) } catch {
            return switch error {
            case .timedOut: .refuses("was ended at its time limit")
            case .stillWorks: .stillWorks
            case .died(let why): .later("gave no answer: \(why)")
            }
        }
        guard let json = try? JSONParser.parse(answer), let result = json["result"]?.string else {
            return .later("gave an answer that is not {\"result\":\"accept\"|\"refuse\"|\"later\"}")
        }
        let words = json["message"]?.string
        switch result {
        case "accept": return .accepts
        case "refuse": return .refuses(words.map { "refused it: \($0)" } ?? "refused it")
        case "later": return .later(words ?? "asks for another call later")
        default: return .later("answered '\(result.prefix(40))', which is none of accept, refuse and later")
        }
    }
}

/// What a user's program is told of an item beside its path.
struct ItemFacts {
    /// `on_message`, `on_part` or `on_file`.
    let option: String
    let url: String
    let relpath: String
    let source: String
    let sum: String
    /// Bytes as announced, where that is known.
    let size: Int64?
    /// The header `parts` of a block; `nil` when the item is a whole file.
    let parts: String?
    let config: String
    let isRetry: Bool

    /// What two programs must not work on at the same time: the file at `path`, or one block of it.
    func item(_ path: String) -> String { [option, path, parts ?? ""].joined(separator: "\0") }

    /// As variables of the environment.
    func environment(_ path: String) -> [(name: String, value: String)] {
        [
            ("DD_PATH", path), ("DD_URL", url), ("DD_RELPATH", relpath), ("DD_SOURCE", source), ("DD_SUM", sum),
            ("DD_SIZE", size.map { String($0) } ?? ""), ("DD_PARTS", parts ?? ""), ("DD_CONFIG", config),
            ("DD_RETRY", isRetry ? "1" : "0"),
        ]
    }

    /// As one line of JSON.
    func json(_ path: String) -> String {
        JSONValue.object([
            "option": .string(option), "path": .string(path), "url": .string(url), "relpath": .string(relpath),
            "source": .string(source), "sum": .string(sum), "size": size.map { .integer($0) } ?? .null,
            "parts": parts.map { .string($0) } ?? .null, "config": .string(config),
            "retry": .bool(isRetry),
        ]).text
    }
}
