/// The user's own programs, asked about a post: before it is fetched, and when its file is whole.
public struct Triggers: Sendable {
    private let onMessage: Judge?
    private let onFile: Judge?
    private let config: String

    /// A program asked to be called again later, or could not be asked.
    struct Later: Error, CustomStringConvertible {
        let description: String
    }

    /// The programs of a configuration's options; `config` is shown to them as `DD_CONFIG`. Programs that are started once are shared by
    /// all copies.
    public init(_ options: TriggerOptions, config: String) {
        onMessage = options.onMessage.map { Judge($0) }
        onFile = options.onFile.map { Judge($0) }
        self.config = config
    }

    /// Asks `on_message`; a status when the program refuses the post.
    func beforeFetch(_ job: Job) throws -> Status? {
        try onMessage.flatMap { try ask("on_message", $0, job, isRepeated: job.isRepeated) }
    }

    /// Asks `on_file`; a status when the program refuses the file.
    func afterFile(_ job: Job, isRepeated: Bool) throws -> Status? {
        guard case .file = job.post.event else { return nil }
        return try onFile.flatMap { try ask("on_file", $0, job, isRepeated: isRepeated) }
    }

    private func ask(_ option: String, _ judge: Judge, _ job: Job, isRepeated: Bool) throws -> Status? {
        var (sum, size): (String, Int64?) = ("", nil)
        if case .file(let parts, let announced) = job.post.event { (sum, size) = (announced.wire, parts?.size) }
        let facts = ItemFacts(
            option: option, url: job.post.location.url, relpath: job.place.relpath, source: job.post.source ?? "", sum: sum,
            size: size, config: config, isRetry: isRepeated)
        switch try judge.ask("\(job.root)/\(job.place.relpath)", facts) {
        case .accepts: return nil
        case .later(let why): throw Later(description: "\(option) '\(judge.name)' \(why)")
        case .refuses(let why): return Status(424, "\(option) '\(judge.name)' \(why)")
        }
    }
}
