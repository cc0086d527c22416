/// The lines of `ls -l`, as servers of sftp and ftp list a folder.
///
///     -rw-r--r--    1 bob      users        1234 Nov 21 16:39 a name.txt
struct LongListing: ListingFormat {
    private let now: Timestamp

    /// Lines that say no year are of the last twelve months before `now`.
    init(now: Timestamp) { self.now = now }

    /// See `ListingFormat`. A line of another form means that nothing can be said of the folder.
    func read(_ line: Substring) throws(ListingError) -> ListedLine {
        let line = line.utf8.last == 0x0D ? Substring(line.utf8.dropLast()) : line
        guard !line.isEmpty, !line.utf8.starts(with: "total ".utf8) else { return .nothing }
        var rest = line
        var words: [Substring] = []
        // Permissions, links, owner, group where it is said, size, month, day, time or year; one space, and the name.
        while words.count < 8, let word = Self.word(&rest) {
            words.append(word)
            if words.count >= 7, ListedTime.month(words[words.count - 3]) != nil { break }
        }
        guard words.count >= 7, let kind = words[0].utf8.first, words[0].utf8.count >= 10,
            let size = ListedTime.number(words[words.count - 4]),
            let (time, step) = time(words.suffix(3)), rest.utf8.first == 0x20, rest.utf8.count > 1
        else { throw ListingError("the line \(MessageError.quote(line)) is not of the form of ls -l") }
        let name = Substring(rest.utf8.dropFirst())
        guard kind == UInt8(ascii: "-") || kind == UInt8(ascii: "d"), name != ".", name != ".." else { return .nothing }
        // Some servers answer so when the folder has become a file.
        guard !name.utf8.contains(UInt8(ascii: "/")) else { throw ListingError("it lists a path, not the names in a folder") }
        guard !ControlCharacters.occur(in: name), !name.unicodeScalars.contains("\u{FFFD}") else {
            return .unusable("the name \(MessageError.quote(name)) cannot be used: it has control characters or is not UTF-8")
        }
        let isFolder = kind == UInt8(ascii: "d")
        return .entry(
            ListedEntry(name: String(name), isFolder: isFolder, size: isFolder ? nil : size, modified: time, step: step))
    }

    /// A whole listing ends as the transfer does: nothing more is to be seen from it.
    func finish() throws(ListingError) {}

    /// `Nov 21 16:39` or `Nov 21 2025`.
    private func time(_ words: ArraySlice<Substring>) -> (Timestamp, Int64)? {
        let words = Array(words)
        guard let month = ListedTime.month(words[0]), let day = ListedTime.number(words[1], digits: 1...2) else { return nil }
        if let year = ListedTime.number(words[2], digits: 4...4) {
            return Calendar.days(year: year, month: month, day: day).map { (Timestamp(seconds: $0 * 86_400), 86_400) }
        }
        guard let clock = ListedTime.clock(words[2]), let year = Int64(now.day.prefix(4)) else { return nil }
        // Clocks and zones differ: up to a day ahead is still this year.
        for candidate in [year + 1, year, year - 1] {
            guard let days = Calendar.days(year: candidate, month: month, day: day) else { continue }
            let time = Timestamp(seconds: days * 86_400 + clock.seconds)
            if time.seconds <= now.seconds + 86_400 { return (time, clock.step) }
        }
        return nil
    }

    private static func word(_ rest: inout Substring) -> Substring? {
        guard let begin = rest.utf8.firstIndex(where: { $0 != 0x20 }) else { return nil }
        let end = rest[begin...].utf8.firstIndex(of: 0x20) ?? rest.endIndex
        defer { rest = rest[end...] }
        return rest[begin..<end]
    }
}
