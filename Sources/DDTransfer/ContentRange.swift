import DDCore

/// What the header `Content-Range` of an http answer says: `bytes FIRST-LAST/TOTAL`, or `*` for a total that is not known.
struct ContentRange: Equatable {
    /// Offset of the first byte sent.
    let first: Int64
    /// Offset of the last byte sent.
    let last: Int64
    /// Bytes of the whole file; `nil`: the server does not say.
    let total: Int64?

    /// Reads the header's value; `nil` when it is of another form or contradicts itself.
    init?(_ text: String) {
        let bytes = Array(text.utf8)[...]
        guard bytes.count > 6, String(decoding: bytes.prefix(6), as: UTF8.self).lowercased() == "bytes " else { return nil }
        let halves = bytes.dropFirst(6).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let ends = halves[0].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]), first <= last else {
            return nil
        }
        if halves[1].elementsEqual("*".utf8) {
            total = nil
        } else {
            guard let number = Self.number(halves[1]), last < number else { return nil }
            total = number
        }
        self.first = first
        self.last = last
    }

    /// Digits only: Swift's own reading takes a sign.
    private static func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard !bytes.isEmpty, bytes.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return Int64(String(decoding: bytes, as: UTF8.self))
    }
}
