/// Who has exchanges of his own at the switch: what the configuration says, and what the control stream says while the program runs.
struct UserTable {
    private let configured: Set<String>
    private var records: [String: UserRecord] = [:]
    /// What has been read of the control stream while it is read from its first message on.
    private var draft: [String: UserRecord]?
    /// Grows with every change.
    private(set) var version = 0

    /// A table of the users that the configuration names.
    init(_ configured: [String] = []) { self.configured = Set(configured) }

    /// The control stream is read from its first message on: what is known holds until `endReading`.
    mutating func beginReading() { draft = [:] }

    /// The control stream has been read to its end: what was read holds from now on. A stream in which nothing is any more says nothing
    /// about anybody: it was deleted and made again. Returns whether that is so.
    @discardableResult
    mutating func endReading() -> Bool {
        guard let draft else { return false }
        self.draft = nil
        if draft.isEmpty, !records.isEmpty { return true }
        records = draft
        version += 1
        return false
    }

    /// Takes the administrator's word, which replaces his earlier ones.
    mutating func apply(_ record: UserRecord) {
        guard draft == nil else {
            draft?[record.name] = record
            return
        }
        records[record.name] = record
        version += 1
    }

    /// Whether there is such a user. A stopped one is there: what has been said before the stop is heard.
    func has(_ name: String) -> Bool {
        guard let record = records[name] else { return configured.contains(name) }
        return record.removed == nil && record.role != .admin
    }

    /// The other switch whose account `name` is; `nil`: it is a user's.
    func link(of name: String) -> String? { records[name]?.link }

    /// All users in the order of their names.
    var names: [String] { configured.union(records.keys).filter(has).sorted() }
}
