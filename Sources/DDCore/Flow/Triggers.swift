/// The user's own programs, started for a post: before it is fetched, when a block of it is there, and when its file is whole.
public struct Triggers: Sendable {
    /// Run before the fetch; the path is added as the last word.
    public var onMessage: CommandRunner?
    /// Run when a block is fetched and verified, before it counts; the path of the unfinished or part file is the last word.
    public var onPart: CommandRunner?
    /// Run when the file is under its name.
    public var onFile: CommandRunner?
    /// Shown to them as `DD_CONFIG`.
    public var config: String

    /// The program asked to be called again later (exit status 75).
    struct Later: Error {}

    /// Triggers for a configuration.
    public init(
        onMessage: CommandRunner? = nil, onPart: CommandRunner? = nil, onFile: CommandRunner? = nil, config: String
    ) {
        self.onMessage = onMessage
        self.onPart = onPart
        self.onFile = onFile
        self.config = config
    }

    /// Runs `on_message`; a status when the program refuses the post.
    func beforeFetch(_ job: Job) throws -> Status? {
        try onMessage.flatMap { try run("on_message", $0, job, isRepeated: job.isRepeated) }
    }

    /// Runs `on_part` for the bytes at `place`; a status when the program refuses the block.
    func afterBlock(_ job: Job, at place: Place) throws -> Status? {
        try onPart.flatMap { try run("on_part", $0, job, at: place, isRepeated: job.isRepeated) }
    }

    /// Runs `on_file`; a status when the program refuses the file.
    /// `size` is that of a file whose post does not tell it.
    func afterFile(_ job: Job, size: Int64? = nil, isRepeated: Bool) throws -> Status? {
        guard case .file = job.post.event else { return nil }
        return try onFile.flatMap { try run("on_file", $0, job, size: size, isRepeated: isRepeated) }
    }

    private func run(
        _ option: String, _ command: CommandRunner, _ job: Job, at place: Place? = nil, size: Int64? = nil, isRepeated: Bool
    ) throws -> Status? {
        let path = "\(job.root)/\((place ?? job.place).relpath)"
        var environment = [
            "DD_PATH": path, "DD_URL": job.post.location.url, "DD_RELPATH": job.place.relpath, "DD_SOURCE": job.post.source ?? "",
            "DD_CONFIG": config, "DD_RETRY": isRepeated ? "1" : "0", "DD_SUM": "", "DD_SIZE": "", "DD_PARTS": "",
        ]
        if case .file(let parts, let sum) = job.post.event {
            // The checksum of one block says nothing about a file of several.
            if job.post.block == nil || place != nil { environment["DD_SUM"] = sum.wire }
            environment["DD_SIZE"] = (size ?? (place == nil ? parts?.size : parts?.length)).map { String($0) } ?? ""
            environment["DD_PARTS"] = parts?.wire ?? ""
        }
        let name = command.words.first ?? ""
        switch try command.run([path], environment: environment.map { (name: $0.key, value: $0.value) }) {
        case .status(0): return nil
        case .status(75): throw Later()
        case .status(let status): return Status(424, "\(option) '\(name)' refused it with exit status \(status)")
        case .timedOut: return Status(424, "\(option) '\(name)' was ended at its time limit")
        }
    }
}
