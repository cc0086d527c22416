/// The pages on which web servers list a folder (nginx, Apache, lighttpd): one entry on a line, as a link with date and size behind it.
struct IndexPage: ListingFormat {
    private var isIndex = false
    private var isWhole = false
    private var lines = 0

    /// See `ListingFormat`. A heading that says that this is an index must be among the first lines: another page, an error page with
    /// status 200 or a start page, must not pass for an empty folder.
    mutating func read(_ line: Substring) throws(ListingError) -> ListedLine {
        lines += 1
        let lower = line.lowercased()
        if !isIndex, lines <= 40, lower.contains("index of") || lower.contains("directory listing") { isIndex = true }
        if lower.contains("</html") { isWhole = true }
        guard let (reference, behind) = Self.lastLink(line, lower) else { return .nothing }
        return Self.entry(reference, behind)
    }

    /// See `ListingFormat`.
    func finish() throws(ListingError) {
        guard isIndex else { throw ListingError("it is no index of a folder") }
        guard isWhole else { throw ListingError("it is cut short") }
    }

    /// What the last link of a line leads to, and what is written behind it.
    private static func lastLink(_ line: Substring, _ lower: String) -> (Substring, Substring)? {
        // Lower case changes no length in ASCII; a line where it does elsewhere is looked at as it is.
        let text = lower.utf8.count == line.utf8.count ? Array(lower.utf8) : Array(line.utf8)
        let mark = Array("href=\"".utf8)
        var place = text.count - mark.count
        while place >= 0, !text[place...].starts(with: mark) { place -= 1 }
        guard place >= 0 else { return nil }
        let begin = place + mark.count
        guard let end = text[begin...].firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        let bytes = Array(line.utf8)
        let behind = String(decoding: bytes[end...], as: UTF8.self)
        let close = behind.range(of: "</a>") ?? behind.range(of: "</A>")
        return (
            Substring(String(decoding: bytes[begin..<end], as: UTF8.self)), close.map { behind[$0...] } ?? ""
        )
    }

    private static func entry(_ reference: Substring, _ behind: Substring) -> ListedLine {
        var path = unescaped(reference)[...]
        if path.utf8.starts(with: "./".utf8) { path = Substring(path.utf8.dropFirst(2)) }
        let isFolder = path.utf8.last == UInt8(ascii: "/")
        if isFolder { path = Substring(path.utf8.dropLast()) }
        // Sorting, the folder above, other servers, deeper places.
        let isElsewhere = path.isEmpty || path.utf8.contains { [UInt8(ascii: "/"), UInt8(ascii: "?")].contains($0) }
        guard !isElsewhere, path != "..", path != ".", !path.utf8.starts(with: "#".utf8), !isURL(path) else { return .nothing }
        guard let name = try? Percent.decode(path), !name.utf8.contains(UInt8(ascii: "/")), name != "..", name != "." else {
            return .unusable("the name \(MessageError.quote(path)) cannot be used: it has control characters or is not UTF-8")
        }
        let facts = facts(behind)
        return .entry(
            ListedEntry(name: name, isFolder: isFolder, size: isFolder ? nil : facts.size, modified: facts.time, step: facts.step)
        )
    }

    private static func isURL(_ path: Substring) -> Bool {
        guard let colon = path.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        return ["mailto", "javascript", "http", "https"].contains { path[..<colon].utf8.elementsEqual($0.utf8) }
    }

    /// Date, time and size in the text behind a link, tags left out.
    private static func facts(_ text: Substring) -> (time: Timestamp?, step: Int64, size: Int64?) {
        var words: [Substring] = []
        for piece in text.utf8.split(separator: UInt8(ascii: "<")) {
            let shown = piece.firstIndex(of: UInt8(ascii: ">")).map { piece[piece.index(after: $0)...] } ?? piece
            words += shown.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }.map { Substring($0) }
        }
        guard let place = words.firstIndex(where: { ListedTime.day($0) != nil }), let day = ListedTime.day(words[place]),
            place + 1 < words.count, let clock = ListedTime.clock(words[place + 1])
        else { return (nil, 1, nil) }
        let size = place + 2 < words.count ? ListedTime.number(words[place + 2]) : nil
        return (Timestamp(seconds: day * 86_400 + clock.seconds), clock.step, size)
    }

    /// The five entities of XML; others are left alone.
    private static func unescaped(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return String(text) }
        let entities: KeyValuePairs<String, UInt8> = [
            "&amp;": 38, "&lt;": 60, "&gt;": 62, "&quot;": 34, "&#39;": 39, "&#x27;": 39, "&#34;": 34,
        ]
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        var place = 0
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "&"),
                let (name, byte) = entities.first(where: { bytes[place...].starts(with: $0.key.utf8) })
            {
                result.append(byte)
                place += name.utf8.count
            } else {
                result.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension String {
    /// Where the first `text` in it begins, by bytes.
    fileprivate func range(of text: String) -> String.Index? {
        var place = utf8.startIndex
        while let found = utf8[place...].firstIndex(where: { $0 == text.utf8.first }) {
            if utf8[found...].starts(with: text.utf8) { return found }
            place = utf8.index(after: found)
        }
        return nil
    }
}
