extension Timestamp {
    /// Reads `YYYYMMDDHHMMSS` with an optional `.` and decimal fraction, UTC; `YYYYMMDDTHHMMSS` is read as well.
    ///
    /// A fraction may have any number of digits; those after the ninth are cut off. Second 60 is the first of the next minute.
    /// The newer field tool writes very small fractions as `.1934e-05`. Throws `time`.
    public init(wire: some StringProtocol) throws(MessageError) {
        var (whole, fraction) = wire.utf8.withContiguousStorageIfAvailable { Self.numbers($0) } ?? Self.numbers(wire.utf8)
        if whole == nil { (whole, fraction) = Self.smallNumbers(Array(wire.utf8)) }
        guard let number = whole else { throw Self.malformed(wire) }
        let (date, clock) = number.quotientAndRemainder(dividingBy: 1_000_000)
        let (hour, minute, second) = (clock / 10_000, clock / 100 % 100, clock % 100)
        guard hour < 24, minute < 60, second <= 60,
            let days = Calendar.days(year: date / 10_000, month: date / 100 % 100, day: date % 100)
        else { throw Self.malformed(wire) }
        self.init(seconds: days * 86_400 + hour * 3_600 + minute * 60 + second, nanoseconds: fraction)
    }

    /// `YYYYMMDDHHMMSS.` and nine digits.
    public var wire: String {
        String(unsafeUninitializedCapacity: 24) { buffer in
            let inside = min(max(seconds, Calendar.firstSecond), Calendar.lastSecond) - Calendar.firstSecond
            let (day, second) = inside.quotientAndRemainder(dividingBy: 86_400)
            let date = Calendar.date(days: day + Calendar.firstSecond / 86_400)
            Self.write((date.year * 100 + date.month) * 100 + date.day, to: buffer, at: 0..<8)
            Self.write((second / 3_600 * 100 + second / 60 % 60) * 100 + second % 60, to: buffer, at: 8..<14)
            buffer[14] = UInt8(ascii: ".")
            Self.write(Int64(min(max(nanoseconds, 0), 999_999_999)), to: buffer, at: 15..<24)
            return 24
        }
    }

    /// `YYYYMMDD`.
    public var day: String { String(wire.prefix(8)) }

    /// The first 14 digits as one number, `nil` when the form is wrong, and the fraction in nanoseconds.
    private static func numbers(_ bytes: some Sequence<UInt8>) -> (Int64?, Int32) {
        var (whole, wholeDigits): (Int64, Int) = (0, 0)
        var (fraction, fractionDigits): (Int32, Int) = (0, 0)
        var (dot, letter) = (false, false)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9") where !dot:
                guard wholeDigits < 14 else { return (nil, 0) }
                whole = whole * 10 + Int64(byte & 15)
                wholeDigits += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if fractionDigits < 9 {
                    fraction = fraction * 10 + Int32(byte & 15)
                    fractionDigits += 1
                }
            case UInt8(ascii: ".") where wholeDigits == 14 && !dot: dot = true
            case UInt8(ascii: "T") where wholeDigits == 8 && !letter: letter = true
            default: return (nil, 0)
            }
        }
        guard wholeDigits == 14, !dot || fractionDigits > 0 else { return (nil, 0) }
        for _ in fractionDigits..<9 { fraction *= 10 }
        return (whole, fraction)
    }

    /// The same of a text that ends in `e-` and two digits.
    private static func smallNumbers(_ bytes: [UInt8]) -> (Int64?, Int32) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let end = bytes.suffix(4)
        guard bytes.count >= 20, end.starts(with: "e-".utf8), end.suffix(2).allSatisfy(digits.contains),
            bytes.contains(UInt8(ascii: "."))
        else { return (nil, 0) }
        let (whole, full) = numbers(bytes.dropLast(4))
        var fraction = full
        for _ in 0..<end.suffix(2).reduce(0, { $0 * 10 + Int($1 & 15) }) { fraction /= 10 }
        return (whole, fraction)
    }

    private static func write(_ number: Int64, to buffer: UnsafeMutableBufferPointer<UInt8>, at places: Range<Int>) {
        var rest = number
        for place in places.reversed() {
            buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    private static func malformed(_ wire: some StringProtocol) -> MessageError {
        MessageError(.time, "cannot read the time \(MessageError.quote(wire)): it must be YYYYMMDDHHMMSS[.fraction]")
    }
}
