import Glibc

/// Keeps the copies of what configurations include from the web: fetched when a program starts, and looked at again while it runs. What has
/// changed is shown in the log, line by line, and then taken; what cannot be used is refused, and the copy before it stays.
public final class IncludeRefresh: Sendable {
    private let table: OptionTable
    private let includes: Includes
    private let files: [String]
    private let makeFetcher: @Sendable (TransferOptions) -> any Fetcher
    private let log: Log
    /// The texts that this process works by.
    private let known = Guarded<[String: String]>([:])
    private let turn = Guarded(())

    /// Looks after what the configuration of a command line includes; `nil` when that is nothing.
    public init?(
        _ table: OptionTable, _ arguments: [String], _ environment: [String: String], log: Log,
        _ makeFetcher: @escaping @Sendable (TransferOptions) -> any Fetcher
    ) {
        guard let words = try? CommandLineParser(table).parse(arguments), !words.wantsHelp, !words.wantsVersion else {
            return nil
        }
        let paths = ConfigPaths(environment: environment)
        guard let own = words.operands.first.flatMap({ try? paths.configuration($0, folder: table.folder).path }) else {
            return nil
        }
        files = [paths.defaultFile, own].compactMap { $0 }
        includes = Includes(stateHome: paths.stateHome)
        (self.table, self.makeFetcher, self.log) = (table, makeFetcher, log)
        if urls.isEmpty { return nil }
    }

    private var urls: [String] { files.flatMap(includes.urls) }

    /// Fetches what has changed. Whether a text is another one than this process works by. Any thread may call it; one at a time does it.
    @discardableResult
    public func refresh() -> Bool { turn.withLock { _ in fetchAll() } }

    private func fetchAll() -> Bool {
        var options = TransferOptions()
        if let file = files.compactMap({ Includes.value(of: "data_cafile", in: $0) }).last { options.caFile = file }
        options.lowSpeedTime = 20
        let fetcher = makeFetcher(options)
        var isNews = false
        for url in Set(urls).sorted() {
            refresh(url, fetcher)
            let text = SmallFile.text(includes.copy(of: url)) ?? ""
            let before = known.withLock { $0.updateValue(text, forKey: url) }
            isNews = isNews || before != nil && before != text
        }
        return isNews
    }

    private func refresh(_ url: String, _ fetcher: any Fetcher) {
        let (path, shown) = (includes.copy(of: url), Redaction.masked(url))
        let old = SmallFile.text(path)
        do {
            // The address is the word of who wrote the configuration.
            let policy = FetchPolicy(allowsLocal: true)
            let facts = old == nil ? FileFacts() : try fetcher.facts(of: url, policy: policy)
            var info = stat()
            if let modified = facts.modified, stat(path, &info) == 0, info.st_mtim.tv_sec == Int(modified.seconds),
                facts.size == nil || facts.size == Int64(info.st_size)
            {
                return
            }
            var bytes: [UInt8] = []
            let request = FetchRequest(url: url, expectedSize: nil, policy: policy)
            _ = try fetcher.fetch(request) { part in
                guard bytes.count + part.count <= Includes.limit else {
                    throw TransferError(.refused, "it is longer than \(Includes.limit) bytes")
                }
                bytes += part
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard text.utf8.elementsEqual(bytes) else { throw TransferError(.refused, "it is not UTF-8 text") }
            _ = try Includes.settings(of: text, from: url, table)
            if text != old {
                try SmallFile.makeFolder(includes.folder, mode: 0o700)
                try SmallFile.write(text, to: path, mode: 0o600)
                tell(old, text, shown)
            }
            let time = timespec(tv_sec: Int((try? fetcher.facts(of: url, policy: policy))?.modified?.seconds ?? 0), tv_nsec: 0)
            if time.tv_sec > 0 { utimensat(AT_FDCWD, path, [time, time], 0) }
        } catch {
            guard old != nil else { return log.error("include \(shown): \(error)") }
            log.warning("include \(shown): \(error); what it said before holds on")
        }
    }

    /// Shows what has come and gone.
    private func tell(_ old: String?, _ new: String, _ url: String) {
        func lines(_ text: String) -> [String] {
            text.split(separator: "\n").map { String($0.trimmed) }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
        }
        guard let old else { return log.notice("include \(url): \(lines(new).count) lines") }
        let change = lines(new).difference(from: lines(old))
        let words = change.map { step in
            switch step {
            case .insert(_, let line, _): "+ \(line)"
            case .remove(_, let line, _): "- \(line)"
            }
        }
        log.notice("include \(url) has changed: \(words.isEmpty ? "its comments only" : words.joined(separator: "; "))")
    }

    /// Looks again every `seconds` as long as this is kept; when the texts are others than before, the process is told to read its configuration
    /// anew (SIGHUP).
    public func watch(every seconds: Double) throws {
        try Thread.start(for: "included configurations") { [weak self] in
            while true {
                let end = Monotonic.now() + seconds
                while Monotonic.now() < end {
                    guard self != nil else { return }
                    usleep(200_000)
                }
                if self?.refresh() == true { kill(getpid(), SIGHUP) }
            }
        }
    }
}
