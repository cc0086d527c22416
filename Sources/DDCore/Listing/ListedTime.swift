/// The dates that listings write.
enum ListedTime {
    /// `16:39` or `16:39:07` on a day; the step is a minute or a second. `nil` when it is neither.
    static func clock(_ text: Substring) -> (seconds: Int64, step: Int64)? {
        let fields = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard 2...3 ~= fields.count else { return nil }
        let numbers = fields.compactMap { number(Substring($0), digits: 2...2) }
        guard numbers.count == fields.count, numbers[0] < 24, numbers.dropFirst().allSatisfy({ $0 < 60 }) else { return nil }
        return (numbers[0] * 3_600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0), numbers.count == 3 ? 1 : 60)
    }

    /// Days since 1970 of `21-Nov-2026`, `2026-11-21` or `2026-Nov-21`; `nil` when it is none of them.
    static func day(_ text: Substring) -> Int64? {
        let fields = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map { Substring($0) }
        guard fields.count == 3 else { return nil }
        let (first, last) = fields[0].utf8.count == 4 ? (fields[0], fields[2]) : (fields[2], fields[0])
        guard let year = number(first, digits: 4...4), let month = month(fields[1]) ?? number(fields[1], digits: 2...2),
            let day = number(last, digits: 1...2)
        else { return nil }
        return Calendar.days(year: year, month: month, day: day)
    }

    /// 1...12 for `Jan` to `Dec`.
    static func month(_ text: Substring) -> Int64? {
        let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        return names.firstIndex(of: text.lowercased()).map { Int64($0 + 1) }
    }

    /// A number of that many decimal digits.
    static func number(_ text: Substring, digits: ClosedRange<Int> = 1...18) -> Int64? {
        guard digits ~= text.utf8.count, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        return Int64(text)
    }
}
