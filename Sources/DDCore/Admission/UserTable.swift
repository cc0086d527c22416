/// Who has exchanges of their own at the switch: what the configuration says, and what the control stream says while the program runs.
struct UserTable {
    private let configured: Set<String>
    private var records = ControlRecords<UserRecord>()

    /// A table of the users that the configuration names.
    init(_ configured: [String] = []) { self.configured = Set(configured) }

    /// Grows with every change.
    var version: Int { records.version }

    /// The control stream is read from its first message on: what is known holds until `endReading`.
    mutating func beginReading() { records.beginReading() }

    /// The control stream has been read to its end. Returns whether nothing is in it any more (`ControlRecords.endReading`).
    @discardableResult
    mutating func endReading() -> Bool { records.endReading() }

    /// Takes the administrator's word, which replaces all earlier ones about the same user.
    mutating func apply(_ record: UserRecord) { records.set(record.name, record) }

    /// Whether there is such a user. A stopped one is there: what has been said before the stop is heard.
    func has(_ name: String) -> Bool {
        guard let record = records.known[name] else { return configured.contains(name) }
        return record.removed == nil && record.role != .admin
    }

    /// The other switch whose account `name` is; `nil`: it is a user's.
    func link(of name: String) -> String? { records.known[name]?.link }

    /// All users in the order of their names.
    var names: [String] { configured.union(records.known.keys).filter(has).sorted() }
}
