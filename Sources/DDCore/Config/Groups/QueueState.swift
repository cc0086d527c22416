import CLinux
import Glibc

/// What a program remembers of its queue between runs: its name and what was bound, so that it finds the same queue again and takes away
/// bindings that are no longer in the configuration.
///
///     STATE/dd_subscribe/radar.queue:   q_bob.dd_subscribe.radar.1f2e3d4c
///                                       xpublic v02.post.radar.#
public struct QueueState: Sendable {
    /// The queue's name.
    public let name: String
    /// What the last run bound.
    public let bound: [Binding]
    /// Whether an earlier run left a name here, or the configuration gives one.
    public let isKnown: Bool
    private let path: String

    /// Reads the state of `configuration`, or makes a name with a fresh id. `chosen` is the name that the configuration gives, if any; `broker`
    /// tells the state at one broker from that at the first of several.
    public init(user: String, common: CommonOptions, chosen: String?, broker: BrokerURL? = nil) throws(FileError) {
        let configuration = common.configuration ?? "none"
        let folder = "\(common.stateHome)/\(common.program)"
        do throws(ProcessError) { try SmallFile.makeFolder(folder, mode: 0o700) } catch {
            throw FileError(.system, error.description)
        }
        let place = broker.map { "@" + String(StateName.number(of: "\($0.host):\($0.port)/\($0.vhost)"), radix: 16) } ?? ""
        path = "\(folder)/\(common.stateName.word)\(place).queue"
        // Processes that start at the same time must agree on one name.
        let lock = try Self.lock(path)
        defer { close(lock) }
        try common.stateName.takeOver(in: folder, tail: ".queue")
        let lines: [String]
        // Another name would leave all that waits in the queue of this one behind.
        do throws(ProcessError) { lines = try SmallFile.lines(path) } catch { throw FileError(.system, error.description) }
        let remembered = lines.first
        if let chosen {
            name = chosen
        } else if let remembered, remembered.hasPrefix(QueueName.prefix(of: user)) {
            name = remembered
        } else {
            let digits = String(UInt32.random(in: 0...UInt32.max), radix: 16)
            let id = String(repeating: "0", count: 8 - digits.count) + digits
            name = QueueName.make(user: user, program: common.program, config: configuration, id: id)
        }
        isKnown = chosen != nil || remembered == name
        bound =
            remembered != name
            ? []
            : lines.dropFirst().compactMap { line in
                let words = line.split(separator: " ", maxSplits: 1)
                return words.count == 2 ? Binding(exchange: String(words[0]), topic: String(words[1])) : nil
            }
        if !isKnown { try write([]) }
    }

    /// Remembers name and bindings for the next run: written aside, then renamed. Called before they are made on the broker, with all
    /// that may be bound afterwards, so that a crash in between forgets nothing.
    public func remember(_ bindings: [Binding]) throws(FileError) {
        let lock = try Self.lock(path)
        defer { close(lock) }
        try write(bindings)
    }

    private func write(_ bindings: [Binding]) throws(FileError) {
        let text = ([name] + bindings.map { "\($0.exchange) \($0.topic)" }).joined(separator: "\n") + "\n"
        do throws(ProcessError) { try SmallFile.write(text, to: path, mode: 0o600) } catch {
            throw FileError(.system, error.description)
        }
    }

    /// Forgets everything: the queue is gone.
    public func forget() {
        unlink(path)
        unlink(path + ".lock")
    }

    /// The descriptor of a lock that is held until it is closed.
    private static func lock(_ path: String) throws(FileError) -> Int32 {
        let lock: Int32
        do throws(ProcessError) { lock = try SmallFile.openPlain(path + ".lock", O_RDWR | O_CREAT, mode: 0o600) } catch {
            throw FileError(.system, error.description)
        }
        guard dd_wait_for_lock(lock) == 0 else {
            let error = FileError("cannot lock \(path).lock")
            close(lock)
            throw error
        }
        return lock
    }
}
