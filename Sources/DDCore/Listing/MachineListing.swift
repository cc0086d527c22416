/// The lines of `MLSD` (RFC 3659), as servers of ftp list a folder for programs.
///
///     type=file;size=1234;modify=20261121163907;UNIX.mode=0644; a name.txt
struct MachineListing: ListingFormat {
    private var understood = 0
    private var oddLine: String?

    var separator: UInt8 { 0x0A }

    /// See `ListingFormat`. Names that begin with a dot are passed over, as `LIST` does: uploads on their way have them.
    mutating func read(_ line: Substring) throws(ListingError) -> [ListedLine] {
        let line = line.utf8.last == 0x0D ? Substring(line.utf8.dropLast()) : line
        guard !line.isEmpty else { return [] }
        guard let blank = line.utf8.firstIndex(of: 0x20), let kind = Self.fact("type", line[..<blank]) else {
            oddLine = MessageError.quote(line)
            return [.unusable("the line \(MessageError.quote(line)) is not of the form of MLSD")]
        }
        understood += 1
        let name = line[line.utf8.index(after: blank)...]
        guard kind == "file" || kind == "dir", !name.utf8.starts(with: ".".utf8) else { return [] }
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "/")) else {
            throw ListingError("it lists a path, not the names in a folder")
        }
        if let fault = LongListing.fault(ofName: name) { return [.unusable(fault)] }
        let isFolder = kind == "dir"
        let size = Self.fact("size", line[..<blank]).flatMap { ListedTime.number(Substring($0)) }
        // A fraction of a second may follow.
        let modified = Self.fact("modify", line[..<blank]).flatMap { try? Timestamp(wire: $0) }
        return [
            .entry(
                ListedEntry(
                    name: String(name), isFolder: isFolder, size: isFolder ? nil : size,
                    modified: modified.map { Timestamp(seconds: $0.seconds) }))
        ]
    }

    /// See `ListingFormat`.
    mutating func finish() throws(ListingError) -> [ListedLine] {
        if let oddLine, understood == 0 { throw ListingError("the line \(oddLine) is not of the form of MLSD") }
        return []
    }

    mutating func rewind() { self = MachineListing() }

    /// The value of a fact, in small letters as far as names of kinds go.
    private static func fact(_ name: String, _ facts: Substring) -> String? {
        for fact in facts.utf8.split(separator: UInt8(ascii: ";")) {
            guard let mark = fact.firstIndex(of: UInt8(ascii: "=")) else { continue }
            guard Substring(fact[..<mark]).lowercased() == name else { continue }
            return Substring(fact[fact.index(after: mark)...]).lowercased()
        }
        return nil
    }
}
