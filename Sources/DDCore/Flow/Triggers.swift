/// The user's own programs, started for a post: before it is fetched, and when its file is whole.
public struct Triggers: Sendable {
    /// Run before the fetch; the path is added as the last word.
    public var onMessage: CommandRunner?
    /// Run when the file is under its name.
    public var onFile: CommandRunner?
    /// Shown to them as `DD_CONFIG`.
    public var config: String

    /// The program asked to be called again later (exit status 75).
    struct Later: Error, CustomStringConvertible {
        let description: String
    }

    /// Triggers for a configuration.
    public init(onMessage: CommandRunner? = nil, onFile: CommandRunner? = nil, config: String) {
        self.onMessage = onMessage
        self.onFile = onFile
        self.config = config
    }

    /// Runs `on_message`; a status when the program refuses the post.
    func beforeFetch(_ job: Job) throws -> Status? {
        try onMessage.flatMap { try run("on_message", $0, job, isRepeated: job.isRepeated) }
    }

    /// Runs `on_file`; a status when the program refuses the file.
    func afterFile(_ job: Job, isRepeated: Bool) throws -> Status? {
        guard case .file = job.post.event else { return nil }
        return try onFile.flatMap { try run("on_file", $0, job, isRepeated: isRepeated) }
    }

    private func run(_ option: String, _ command: CommandRunner, _ job: Job, isRepeated: Bool) throws -> Status? {
        let path = "\(job.root)/\(job.place.relpath)"
        var environment = [
            "DD_PATH": path, "DD_URL": job.post.location.url, "DD_RELPATH": job.place.relpath, "DD_SOURCE": job.post.source ?? "",
            "DD_CONFIG": config, "DD_RETRY": isRepeated ? "1" : "0", "DD_SUM": "", "DD_SIZE": "",
        ]
        if case .file(let parts, let sum) = job.post.event {
            environment["DD_SUM"] = sum.wire
            environment["DD_SIZE"] = parts.map { String($0.size) } ?? ""
        }
        let name = command.words.first ?? ""
        switch try command.run([path], environment: environment.map { (name: $0.key, value: $0.value) }) {
        case .status(0): return nil
        case .status(75): throw Later(description: "\(option) '\(name)' asks for another call later")
        case .status(let status): return Status(424, "\(option) '\(name)' refused it with exit status \(status)")
        case .timedOut: return Status(424, "\(option) '\(name)' was ended at its time limit")
        }
    }
}
