/// The characters that no field of a message may hold: U+0000 to U+001F, U+007F to U+009F.
///
/// They would break the line of the body, and do harm on the terminals where names are shown.
enum ControlCharacters {
    /// Whether it is one of them.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }

    /// Whether well-formed UTF-8 holds one of them.
    static func occur(in text: some StringProtocol) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { search($0) } ?? search(text.utf8)
    }

    /// Throws when `text` holds one of them; `what` names it in the error.
    static func refuse(in text: some StringProtocol, _ what: @autoclosure () -> String) throws(MessageError) {
        guard occur(in: text) else { return }
        throw MessageError(.text, "cannot accept \(what()) \(MessageError.quote(text)): it holds a control character; rename it")
    }

    private static func search(_ bytes: some Sequence<UInt8>) -> Bool {
        var previous: UInt8 = 0
        for byte in bytes {
            // U+0080 to U+009F are C2 80 to C2 9F.
            if byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte < 0xA0) { return true }
            previous = byte
        }
        return false
    }
}
