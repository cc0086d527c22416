/// What holds for the sources whose posts are taken in: what the configuration says, and what the administrator says over `xctl` while
/// the program runs. The last word about a source replaces all earlier ones.
public final class SourceTable: Sendable {
    /// What becomes of a source's posts.
    public enum Standing: Sendable, Equatable {
        /// They are taken in.
        case open
        /// They wait in its queue.
        case held
        /// They are refused.
        case discarded
        /// It is no source of this switch, or none any more.
        case unknown
    }

    private struct Entry {
        var record: UserRecord
        var allowed: [AllowedURL]
    }

    private let configured: [String]
    private let allowed: [AllowedURL]
    private let quotas: [SourceQuota]
    private let state = Guarded(ControlRecords<Entry>())

    /// A table of the sources that the configuration names, with its `allow_url` and `quota` lines.
    public init(_ configured: [String] = [], allowed: [AllowedURL] = [], quotas: [SourceQuota] = []) {
        self.configured = configured
        self.allowed = allowed
        self.quotas = quotas
    }

    /// Grows with every change.
    public var version: Int { state.withLock { $0.version } }

    /// The control stream is read from its first message on: what is known holds until `endReading`.
    public func beginReading() { state.withLock { $0.beginReading() } }

    /// The control stream has been read to its end. Returns whether nothing is in it any more (`ControlRecords.endReading`).
    @discardableResult
    public func endReading() -> Bool { state.withLock { $0.endReading() } }

    /// Takes the administrator's word. Throws `ConfigError` for a URL that cannot be allowed; then nothing is changed.
    public func apply(_ record: UserRecord) throws(ConfigError) {
        var urls: [AllowedURL] = []
        for url in record.urls { urls.append(try AllowedURL("\(record.name) \(url)", withSource: true)) }
        let entry = Entry(record: record, allowed: urls)
        state.withLock { $0.set(record.name, entry) }
    }

    /// The sources whose posts are taken in or refused, in the order of their names.
    public var consumed: [String] {
        let known = state.withLock { Array($0.known.keys) }
        return Set(configured + known).filter { [.open, .discarded].contains(standing(of: $0)) }.sorted()
    }

    /// What becomes of the posts of `source`.
    public func standing(of source: String) -> Standing {
        guard let record = record(of: source) else { return configured.contains(source) ? .open : .unknown }
        guard record.removed == nil, record.role.posts else { return .unknown }
        return switch record.stopped {
        case .hold?: .held
        case .discard?: .discarded
        case nil: .open
        }
    }

    /// What posts of `source` may be fetched from; `nil`: of nobody in particular.
    public func allowed(for source: String?) -> [AllowedURL] {
        let own = source.flatMap { source in state.withLock { $0.known[source]?.allowed } } ?? []
        return own + allowed.filter { $0.source == nil || $0.source == source }
    }

    /// What `source` may use. The administrator's word replaces the configuration's; its line for one source that for all.
    public func quota(of source: String) -> UserRecord.Quota {
        if let quota = record(of: source)?.quota, !quota.isEmpty { return quota }
        let lines = quotas.filter { $0.source == nil || $0.source == source }
        return (lines.last { $0.source != nil } ?? lines.last)?.quota ?? UserRecord.Quota()
    }

    /// Sources that the administrator has stopped, and whose posts wait.
    var stopped: [String] { state.withLock { state in state.known.filter { $1.record.stopped == .hold }.map(\.key) } }

    private func record(of source: String) -> UserRecord? { state.withLock { $0.known[source]?.record } }
}
