/// What the control stream says of each name, of which the last word counts. While the stream is read from its first message on, what was known before
/// holds.
struct ControlRecords<Record> {
    /// What holds now, by name.
    private(set) var known: [String: Record] = [:]
    /// Grows with every change of `known`.
    private(set) var version = 0
    private var draft: [String: Record]?

    /// The stream is read from its first message on.
    mutating func beginReading() { draft = [:] }

    /// The stream has been read to its end: what was read holds from now on. A stream in which nothing is any more says nothing about anybody: it was
    /// deleted and made again. Returns whether that is so.
    mutating func endReading() -> Bool {
        guard let draft else { return false }
        self.draft = nil
        if draft.isEmpty, !known.isEmpty { return true }
        known = draft
        version += 1
        return false
    }

    /// Takes the last word about a name.
    mutating func set(_ name: String, _ record: Record) {
        guard draft == nil else {
            draft?[name] = record
            return
        }
        known[name] = record
        version += 1
    }
}
