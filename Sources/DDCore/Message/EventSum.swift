/// The methods of the `sum` header that say what happened to a name, and are no sums.
enum EventSum: UInt8 {
    case link = 76  // L
    case removed = 82  // R
    case directory = 109  // m
    case directoryRemoved = 114  // r

    /// Reads the method; its value, SHA-512 of a name, is not checked and may be missing. `nil` when it is no event.
    init?(wire: String) {
        var bytes = wire.utf8.makeIterator()
        guard let method = bytes.next(), let event = EventSum(rawValue: method) else { return nil }
        guard let comma = bytes.next() else {
            self = event
            return
        }
        guard comma == UInt8(ascii: ",") else { return nil }
        self = event
    }

    /// The header for an event on `name`: the last name of the relpath, or the target of a link.
    func wire(of name: String) throws(MessageError) -> String {
        do {
            let digest = try Digest(.sha512)
            Array(name.utf8).withUnsafeBytes { digest.update($0) }
            return Hexadecimal.text(digest.finish(), after: String(Unicode.Scalar(rawValue)) + ",")
        } catch {
            throw MessageError(.sum, "cannot write the header sum of an event: \(error)")
        }
    }
}
