/// Cuts a page into tags, each with the text behind it, from pieces that begin behind a `<`.
struct TagCutter {
    /// A tag whose end has not come: a `<` stood within its quotes.
    private var open = ""
    /// What ends a part that is not read: a comment, a script.
    private var skipping: String?
    private var isFirst = true
    static let longestTag = 65_536

    /// The tag's name in small letters, with `/` where it ends something; its attributes; the text behind it. `nil` for what is no tag.
    mutating func cut(_ piece: Substring) -> (name: String, attributes: Substring, text: String)? {
        // Before the first tag.
        guard !isFirst else {
            isFirst = false
            return nil
        }
        if let end = skipping {
            guard end == "-->" ? piece.contains(end) : piece.lowercased().hasPrefix(end) else { return nil }
            skipping = nil
            if end == "-->" { return nil }
        }
        let whole = open.isEmpty ? piece : Substring(open + "<" + piece)
        if whole.hasPrefix("!--") {
            open = ""
            if !whole.dropFirst(3).contains("-->") { skipping = "-->" }
            return nil
        }
        guard let close = Self.end(of: whole.utf8) else {
            open = whole.utf8.count < Self.longestTag ? String(whole) : ""
            return nil
        }
        open = ""
        let inside = Substring(whole.utf8[..<close])
        let word = inside.utf8.prefix { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        let name = Substring(word).lowercased()
        if name == "script" || name == "style" { skipping = "/" + name }
        return (name, inside[word.endIndex...], String(Substring(whole.utf8[close...].dropFirst())))
    }

    /// Where the `>` is that ends the tag, not one within quotes.
    private static func end(of piece: Substring.UTF8View) -> Substring.Index? {
        var quote: UInt8?
        var last: UInt8 = 0
        for place in piece.indices {
            let byte = piece[place]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: ">") {
                return place
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'"), last == UInt8(ascii: "=") {
                quote = byte
            }
            if byte != 0x20 { last = byte }
        }
        return nil
    }

    /// The value of an attribute, as written; `nil` when it is not there.
    static func value(_ name: String, _ attributes: Substring) -> Substring? {
        let blanks: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
        var rest = attributes.utf8
        while true {
            rest = rest.drop { blanks.contains($0) || $0 == UInt8(ascii: "/") }
            guard !rest.isEmpty else { return nil }
            let key = rest.prefix { !blanks.contains($0) && $0 != UInt8(ascii: "=") }
            rest = rest[key.endIndex...].drop { blanks.contains($0) }
            guard rest.first == UInt8(ascii: "=") else {
                if key.isEmpty { return nil }
                continue
            }
            rest = rest.dropFirst().drop { blanks.contains($0) }
            let value: Substring.UTF8View
            if let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
                value = rest.dropFirst().prefix { $0 != quote }
                rest = rest[value.endIndex...].dropFirst()
            } else {
                value = rest.prefix { !blanks.contains($0) }
                rest = rest[value.endIndex...]
            }
            if Substring(key).lowercased() == name { return Substring(value) }
        }
    }

    /// The entities of XML as letters; others are left alone.
    static func unescaped(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return String(text) }
        let entities: KeyValuePairs<String, UInt8> = [
            "&amp;": 38, "&lt;": 60, "&gt;": 62, "&quot;": 34, "&apos;": 39, "&#39;": 39, "&#039;": 39, "&#x27;": 39, "&#34;": 34,
            "&#38;": 38, "&nbsp;": 32,
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
