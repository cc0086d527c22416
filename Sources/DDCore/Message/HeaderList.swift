/// Headers that hold several names: `to_clusters`, `via`, `to_users`.
enum HeaderList {
    /// The headers that hold several names.
    static let names: Set<String> = ["to_clusters", "to", "via", "to_users"]

    /// The names in the header `name`, which must name somebody: who is meant to have it must not be guessed.
    static func read(_ wire: String, of name: String) throws(MessageError) -> [String] {
        let names = read(wire)
        guard !names.isEmpty else { throw namesNobody(name) }
        return names
    }

    static func namesNobody(_ name: String) -> MessageError {
        MessageError(.header, "cannot read the header \(name): it is there and names nobody")
    }

    /// The names between the commas, without the spaces around them; empty ones vanish.
    static func read(_ wire: String) -> [String] {
        let space = UInt8(ascii: " ")
        var names: [String] = []
        for field in wire.utf8.split(separator: UInt8(ascii: ",")) {
            guard let start = field.firstIndex(where: { $0 != space }), let end = field.lastIndex(where: { $0 != space }) else {
                continue
            }
            names.append(String(Substring(field[start...end])))
        }
        return names
    }

    /// The names with commas between. Throws `header` when one of them could not be read again.
    static func write(_ names: [String]) throws(MessageError) -> String {
        for name in names {
            guard let first = name.utf8.first, let last = name.utf8.last, first != UInt8(ascii: " "), last != UInt8(ascii: " "),
                !name.utf8.contains(UInt8(ascii: ","))
            else {
                let quoted = MessageError.quote(name)
                throw MessageError(.header, "cannot write the name \(quoted): it is empty, has a comma or a space at an end")
            }
        }
        return names.count == 1 ? names[0] : names.joined(separator: ",")
    }
}

/// The header `mode`: permission bits in octal digits.
enum FileMode {
    /// Throws `number` unless it is 0...7777, octal.
    static func read(_ wire: String) throws(MessageError) -> UInt16 {
        guard let first = wire.utf8.first, first != UInt8(ascii: "+"), let mode = UInt16(wire, radix: 8), mode <= 0o7777 else {
            throw MessageError(.number, "cannot read the mode \(MessageError.quote(wire)): it must be octal, 0 to 7777")
        }
        return mode
    }

    /// Throws `number` above 0o7777.
    static func write(_ mode: UInt16) throws(MessageError) -> String {
        guard mode <= 0o7777 else {
            throw MessageError(.number, "cannot write the mode \(String(mode, radix: 8)): it must be at most 7777")
        }
        return String(mode, radix: 8)
    }
}
