/// The lines of `ls -l`, as servers of sftp and ftp list a folder.
///
///     -rw-r--r--    1 bob      users        1234 Nov 21 16:39 a name.txt
struct LongListing: ListingFormat {
    private let now: Timestamp
    private var understood = 0
    private var oddLine: String?
    /// The last entry waits for the line behind it: a name may hold the end of a line.
    private var waiting: ListedEntry?

    /// Lines that say no year are of the last twelve months before `now`.
    init(now: Timestamp) { self.now = now }

    var separator: UInt8 { 0x0A }

    /// See `ListingFormat`. A line of another form costs itself, and the entry before it, whose name may go on in it.
    mutating func read(_ line: Substring) throws(ListingError) -> [ListedLine] {
        let line = line.utf8.last == 0x0D ? Substring(line.utf8.dropLast()) : line
        guard !line.isEmpty, !line.utf8.starts(with: "total ".utf8) else { return [] }
        guard let kind = Self.kind(line) else {
            oddLine = oddLine ?? MessageError.quote(line)
            let before = waiting.map { ", and '\($0.name)' before it may go on in it" } ?? ""
            waiting = nil
            return [.unusable("the line \(MessageError.quote(line)) is not of the form of ls -l\(before)")]
        }
        let before = flush()
        // Links, devices, pipes and sockets.
        guard kind == UInt8(ascii: "-") || kind == UInt8(ascii: "d") else {
            understood += 1
            return before
        }
        guard let (size, time, step, name) = fields(line) else {
            oddLine = oddLine ?? MessageError.quote(line)
            return before + [.unusable("the line \(MessageError.quote(line)) is not of the form of ls -l")]
        }
        understood += 1
        guard name != ".", name != ".." else { return before }
        // Some servers answer so when the folder has become a file.
        guard !name.utf8.contains(UInt8(ascii: "/")) else { throw ListingError("it lists a path, not the names in a folder") }
        if let fault = Self.fault(ofName: name) { return before + [.unusable(fault)] }
        let isFolder = kind == UInt8(ascii: "d")
        waiting = ListedEntry(name: String(name), isFolder: isFolder, size: isFolder ? nil : size, modified: time, step: step)
        return before
    }

    /// See `ListingFormat`. A whole listing ends as the transfer does: nothing more is to be seen from it.
    mutating func finish() throws(ListingError) -> [ListedLine] {
        if let oddLine, understood == 0 { throw ListingError("the line \(oddLine) is not of the form of ls -l") }
        return flush()
    }

    mutating func rewind() { self = LongListing(now: now) }

    /// Why a name cannot be used; `nil` when it can.
    static func fault(ofName name: Substring) -> String? {
        guard ControlCharacters.occur(in: name) || name.unicodeScalars.contains("\u{FFFD}") else { return nil }
        return "the name \(MessageError.quote(name)) cannot be used: it has control characters or is not UTF-8"
    }

    private mutating func flush() -> [ListedLine] {
        defer { waiting = nil }
        return waiting.map { [.entry($0)] } ?? []
    }

    /// The first letter of a line that begins with a mode, like `drwxr-xr-x`; `nil` for other lines.
    private static func kind(_ line: Substring) -> UInt8? {
        let mode = line.utf8.prefix { $0 != 0x20 }
        guard mode.count >= 10, let kind = mode.first, "-dlbcpsDCMP?".utf8.contains(kind) else { return nil }
        return mode.dropFirst().prefix(9).allSatisfy { "rwxsStTlL-".utf8.contains($0) } ? kind : nil
    }

    /// Size, time and name. Owner and group may be missing and may hold blanks: the size is the first number that a date follows.
    private func fields(_ line: Substring) -> (size: Int64, time: Timestamp, step: Int64, name: Substring)? {
        var rest = line
        var words: [Substring] = []
        while words.count < 16, let word = Self.word(&rest) {
            words.append(word)
            guard words.count >= 6, let size = ListedTime.number(words[words.count - 4]), let (time, step) = time(words.suffix(3))
            else { continue }
            // One blank, and the name.
            guard rest.utf8.first == 0x20, rest.utf8.count > 1 else { return nil }
            return (size, time, step, Substring(rest.utf8.dropFirst()))
        }
        return nil
    }

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
