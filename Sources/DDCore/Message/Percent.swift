/// How names are percent-encoded: lightly in the body of a message, fully in a URL to be fetched, and without a doubt in what we write
/// ourselves, where a user, password or vhost must not be mistaken for anything else.
public enum Percent {
    /// For the body: space, `#`, and a `%` that is followed by two hexadecimal digits. Everything else stands as it is.
    public static func encodeBody(_ text: some StringProtocol) -> String {
        guard text.utf8.contains(where: { $0 == 32 || $0 == 35 || $0 == 37 }) else { return String(text) }
        let bytes = Array(text.utf8)
        return encode(bytes) { place in
            switch bytes[place] {
            case UInt8(ascii: " "), UInt8(ascii: "#"): true
            case UInt8(ascii: "%"): code(bytes, at: place) != nil
            default: false
            }
        }
    }

    /// Decodes every `%` and two hexadecimal digits; other `%` stand for themselves.
    ///
    /// Throws `text` when the result is not UTF-8 or holds control characters.
    public static func decode(_ text: some StringProtocol) throws(MessageError) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else {
            try ControlCharacters.refuse(in: text, "the name")
            return String(text)
        }
        guard let result = String(validating: decode(Array(text.utf8)) { _ in true }, as: UTF8.self) else {
            throw MessageError(.text, "cannot accept the name \(MessageError.quote(text)): it is not UTF-8; rename it")
        }
        try ControlCharacters.refuse(in: result, "the name")
        return result
    }

    /// Decodes `%20` and `%23` only: what the oldest writers of v03 encode, who leave a `%` as it is.
    static func decodeSpacesAndHashes(_ text: String) -> String {
        String(decoding: decode(Array(text.utf8)) { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "#") }, as: UTF8.self)
    }

    /// `text` without its `%XX`; `nil` when a `%` begins none or the bytes are no UTF-8.
    static func decodeStrictly(_ text: some StringProtocol) -> String? {
        let bytes = Array(text.utf8)
        let isExact = bytes.indices.allSatisfy { bytes[$0] != UInt8(ascii: "%") || code(bytes, at: $0) != nil }
        return isExact ? String(validating: decode(bytes) { _ in true }, as: UTF8.self) : nil
    }

    /// `text` with everything but letters, digits and `-._~` as `%XX`.
    static func encodeAll(_ text: String) -> String {
        let bytes = Array(text.utf8)
        return encode(bytes) { !isUnreserved(bytes[$0]) }
    }

    /// For one name between the slashes of a URL: all but unreserved characters and sub-delimiters (RFC 3986) is encoded.
    public static func encodeSegment(_ segment: some StringProtocol) -> String {
        let bytes = Array(segment.utf8)
        return encode(bytes) { !stands(bytes[$0]) }
    }

    /// The same for each name of a path: slashes stand.
    public static func encodePath(_ path: some StringProtocol) -> String {
        let bytes = Array(path.utf8)
        return encode(bytes) { bytes[$0] != UInt8(ascii: "/") && !stands(bytes[$0]) }
    }

    /// Host and port: also the colon and the brackets of an IPv6 address stand.
    static func encodeHost(_ host: some StringProtocol) -> String {
        let bytes = Array(host.utf8)
        return encode(bytes) { !stands(bytes[$0]) && !Array(":[]".utf8).contains(bytes[$0]) }
    }

    /// The bytes, each `%XX` of a byte that is `wanted` as that byte.
    private static func decode(_ bytes: [UInt8], where wanted: (UInt8) -> Bool) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var place = 0
        while place < bytes.count {
            if let byte = code(bytes, at: place), wanted(byte) {
                decoded.append(byte)
                place += 3
            } else {
                decoded.append(bytes[place])
                place += 1
            }
        }
        return decoded
    }

    private static func encode(_ bytes: [UInt8], where needed: (Int) -> Bool) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count + 16)
        for place in bytes.indices {
            if needed(place) {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(Hexadecimal.digit(bytes[place] >> 4, UInt8(ascii: "A")))
                encoded.append(Hexadecimal.digit(bytes[place] & 15, UInt8(ascii: "A")))
            } else {
                encoded.append(bytes[place])
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The byte that `%XX` at `place` stands for; `nil` when there is none.
    private static func code(_ bytes: [UInt8], at place: Int) -> UInt8? {
        guard bytes[place] == UInt8(ascii: "%"), place + 2 < bytes.count else { return nil }
        return Hexadecimal.byte(bytes[place + 1], bytes[place + 2])
    }

    /// Letters, digits and `-._~`.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }

    /// These and the sub-delimiters: ! $ & ' ( ) * + , ; =
    private static func stands(_ byte: UInt8) -> Bool {
        switch byte {
        case 33, 36, 38...44, 59, 61: true
        default: isUnreserved(byte)
        }
    }
}
