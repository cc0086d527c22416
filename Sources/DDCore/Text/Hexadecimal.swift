/// Bytes as hexadecimal digits, and back.
enum Hexadecimal {
    /// The value of one digit, of either case; `nil` when it is none.
    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The byte that two digits stand for; `nil` when one of them is none.
    static func byte(_ high: UInt8, _ low: UInt8) -> UInt8? {
        guard let high = value(high), let low = value(low) else { return nil }
        return high << 4 | low
    }

    /// The bytes that `text` stands for; `nil` unless it has exactly two digits for each of `count` bytes.
    static func bytes(_ text: some StringProtocol, count: Int) -> [UInt8]? {
        var text = String(text)
        return text.withUTF8 { digits in
            guard digits.count == count * 2 else { return nil }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(count)
            for place in 0..<count {
                guard let byte = byte(digits[place * 2], digits[place * 2 + 1]) else { return nil }
                bytes.append(byte)
            }
            return bytes
        }
    }

    /// Two lower-case digits for each byte, after `prefix`, which is ASCII.
    static func text(_ bytes: [UInt8], after prefix: String = "") -> String {
        let prefixCount = prefix.utf8.count
        return String(unsafeUninitializedCapacity: prefixCount + bytes.count * 2) { buffer in
            var place = 0
            for byte in prefix.utf8 {
                buffer[place] = byte
                place += 1
            }
            for byte in bytes {
                buffer[place] = digit(byte >> 4, UInt8(ascii: "a"))
                buffer[place + 1] = digit(byte & 15, UInt8(ascii: "a"))
                place += 2
            }
            return place
        }
    }

    /// The digit for 0...15; `ten` is the letter that stands for 10.
    static func digit(_ value: UInt8, _ ten: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : ten + value - 10
    }
}
