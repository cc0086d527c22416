/// One folder at one look: what was known of it, what its server shows now, and what follows.
struct PolledFolder {
    let known: KnownFolder
    /// The entries that are to be announced, by the bytes of their names.
    let listed: [[UInt8]: ListedEntry]
    let listing: Listing
    /// Its server speaks ftp: what `ls -l` leaves out can be asked for.
    var isFTP = false
    /// Known names that are not shown, and what is thought of them.
    let lost: [[UInt8]]
    let verdict: LostNames.Verdict
    /// What the server said of files when it was asked for them alone.
    var facts: [[UInt8]: FileFacts] = [:]

    /// Those that have gone.
    var gone: [[UInt8]] { verdict == .gone ? lost : [] }

    /// Those that wait for the next look.
    var missing: Set<[UInt8]> {
        if case .waiting = verdict { Set(lost) } else { [] }
    }

    /// Whether the server lists in another form than before, in which the same file has another time, or a size where it had none.
    private var isOtherForm: Bool {
        // Where no form was written down, it was not this one.
        known.form.map { $0 != listing.form } ?? (listing.form == .machine)
    }

    /// Whether a file is to be announced.
    func isNew(_ key: [UInt8], _ entry: ListedEntry) -> Bool {
        guard let earlier = known.entries[key] else { return true }
        guard isOtherForm, !earlier.isFolder else { return entry.differs(from: earlier) }
        guard let before = earlier.size, let now = entry.size else { return false }
        return before != now
    }

    /// Whether the listing rounds size or time of a file, or writes the time in a zone that nobody knows, and its server can be asked.
    func isRough(_ entry: ListedEntry) -> Bool {
        switch listing.form {
        case .page: entry.size == nil || entry.modified == nil || entry.step > 1
        case .machine: entry.size == nil || entry.modified == nil
        case .long: isFTP
        }
    }

    /// A file as its post says it: exactly where that is known, and without a time where only the day, or one in a zone of the server's own, is.
    func announced(_ key: [UInt8], _ entry: ListedEntry) -> ListedEntry {
        let facts = facts[key]
        let listed = listing.form == .long || entry.step > 60 ? nil : entry.modified
        return ListedEntry(
            name: entry.name, isFolder: false, size: facts?.size ?? entry.size, modified: facts?.modified ?? listed)
    }

    /// What is known after the look: what was listed, but for changes that nobody has taken (`missed`), which are tried again at the next
    /// look, and with what is not listed and has not gone.
    func remembered(missed: Set<[UInt8]>, confirmed: Set<[UInt8]>, isStopped: Bool) -> [[UInt8]: ListedEntry] {
        var result: [[UInt8]: ListedEntry] = [:]
        for (key, entry) in listed {
            let earlier = known.entries[key]
            if missed.contains(key) {
                result[key] = earlier
            } else if let earlier, !isOtherForm, !entry.differs(from: earlier) {
                // The earlier one may say the time more exactly.
                result[key] = earlier
            } else if entry.isFolder || confirmed.contains(key) || !isStopped {
                result[key] = entry
            } else {
                result[key] = earlier
            }
        }
        for key in lost where result[key] == nil {
            guard let entry = known.entries[key] else { continue }
            let waits = missed.contains(key) || (isStopped && !confirmed.contains(key))
            if verdict != .gone || (!entry.isFolder && waits) { result[key] = entry }
        }
        return result
    }
}
