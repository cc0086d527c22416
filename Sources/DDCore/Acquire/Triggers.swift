import Glibc

/// The user's own programs, asked about a post: before it is fetched, when a block of it is there, and when its file is whole.
public struct Triggers: Sendable {
    private let onMessage: Judge?
    private let onPart: Judge?
    private let onFile: Judge?
    private let config: String

    /// A program asked to be called again later, or could not be asked.
    struct Later: Error, CustomStringConvertible {
        let description: String
    }

    /// A program that a run of this one has started, which was killed, still works on the item, or that of another configuration does.
    struct StillWorks: Error, CustomStringConvertible {
        let description: String
    }

    /// No programs.
    init() { (onMessage, onPart, onFile, config) = (nil, nil, nil, "") }

    /// The programs of a configuration's options; `config` is shown to them as `DD_CONFIG`. Programs that are started once are shared by
    /// all copies. `locks` is the path of the file of locks that keep two of them from working on one item at the same time; `nil`: none.
    /// What they write to their standard error becomes lines of `log`. Throws when the system has no thread left for one.
    public init(_ options: TriggerOptions, config: String, locks: String? = nil, log: Log? = nil) throws(ProcessError) {
        func judge(_ program: UserProgram?, _ option: String) throws(ProcessError) -> Judge? {
            guard let program else { return nil }
            return try Judge(program, option, locks: locks, log)
        }
        onMessage = try judge(options.onMessage, "on_message")
        onPart = try judge(options.onPart, "on_part")
        onFile = try judge(options.onFile, "on_file")
        self.config = config
    }

    /// Asks `on_message`; a status when the program refuses the post.
    func beforeFetch(_ job: Job) throws -> Status? {
        guard let onMessage else { return nil }
        var (sum, size): (String, Int64?) = ("", nil)
        if case .file(let parts, let announced) = job.post.event { (sum, size) = (announced.wire, parts?.size) }
        return try ask("on_message", onMessage, job, at: job.place, sum: sum, size: size, isRepeated: job.isRepeated)
    }

    /// Asks `on_part` about a block that was fetched and verified, before it counts; its bytes are in the file at `place`. A status when
    /// the program refuses the block.
    func afterBlock(_ job: Job, at place: Place) throws -> Status? {
        guard let onPart, let parts = job.post.block, case .file(_, let sum) = job.post.event else { return nil }
        return try ask("on_part", onPart, job, at: place, sum: sum.wire, size: parts.length, isRepeated: job.isRepeated)
    }

    /// Whether there is a program for files.
    var hasFileProgram: Bool { onFile != nil }

    /// Asks `on_file`; a status when the program refuses the file. For a file that came in blocks `size` is its size; it has no checksum
    /// of its own.
    func afterFile(_ job: Job, ofBlocks size: Int64? = nil, isRepeated: Bool) throws -> Status? {
        guard let onFile, case .file(let parts, let sum) = job.post.event else { return nil }
        // Its directory may have been moved away since; what was put together from blocks may have been moved on by the program itself.
        let path = "\(job.root)/\(job.place.relpath)"
        if size == nil || !isRepeated, faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0, errno == ENOENT {
            throw FileError("cannot find \(path), which on_file is to be told of", errno: ENOENT)
        }
        return try ask(
            "on_file", onFile, job, at: job.place, sum: size == nil ? sum.wire : "", size: size ?? parts?.size,
            isRepeated: isRepeated)
    }

    private func ask(
        _ option: String, _ judge: Judge, _ job: Job, at place: Place, sum: String, size: Int64?, isRepeated: Bool
    ) throws -> Status? {
        let facts = ItemFacts(
            option: option, url: job.post.location.url, relpath: job.place.relpath, source: job.post.source ?? "", sum: sum,
            size: size, parts: option == "on_file" ? nil : job.post.block?.wire, config: config, isRetry: isRepeated)
        switch try judge.ask("\(job.root)/\(place.relpath)", facts) {
        case .accepts: return nil
        case .later(let why): throw Later(description: "\(option) '\(judge.name)' \(why)")
        case .stillWorks:
            throw StillWorks(
                description: "\(option) '\(judge.name)' of an earlier or another run still works on \(job.root)/\(place.relpath)")
        case .refuses(let why): return Status(424, "\(option) '\(judge.name)' \(why)")
        }
    }
}
