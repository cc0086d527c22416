import Glibc

/// An instant, in UTC, to the nanosecond. The wire knows the years 1 to 9999.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Whole seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    public var seconds: Int64
    /// Nanoseconds after `seconds`, 0...999,999,999.
    public var nanoseconds: Int32

    /// An instant. Nanoseconds outside of 0...999,999,999 are carried; seconds are held within the years that the wire knows.
    public init(seconds: Int64, nanoseconds: Int32 = 0) {
        let billion: Int32 = 1_000_000_000
        let rest = nanoseconds % billion
        let carried = Int64(nanoseconds / billion) - (rest < 0 ? 1 : 0)
        let range = Calendar.firstSecond...Calendar.lastSecond
        let inside = min(max(seconds, range.lowerBound), range.upperBound)
        self.seconds = min(max(inside + carried, range.lowerBound), range.upperBound)
        self.nanoseconds = rest < 0 ? rest + billion : rest
    }

    /// The system's clock (`clock_gettime`, `CLOCK_REALTIME`).
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(truncatingIfNeeded: time.tv_nsec))
    }

    /// Seconds from `earlier` to this instant; negative when it is later.
    public func seconds(since earlier: Timestamp) -> Double {
        let (whole, overflow) = seconds.subtractingReportingOverflow(earlier.seconds)
        let difference = overflow ? Double(seconds) - Double(earlier.seconds) : Double(whole)
        return difference + (Double(nanoseconds) - Double(earlier.nanoseconds)) / 1e9
    }

    /// The earlier one is less.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

/// The Gregorian calendar, for the years 1 to 9999, without time zones.
enum Calendar {
    /// 0001-01-01T00:00:00Z in seconds since 1970.
    static let firstSecond: Int64 = -62_135_596_800
    /// 9999-12-31T23:59:59Z in seconds since 1970.
    static let lastSecond: Int64 = 253_402_300_799

    /// Days since 1970-01-01 (timegm(3)); `nil` when there is no such day.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64? {
        guard 1...9999 ~= year, 1...12 ~= month, 1...31 ~= day else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (Int32(year - 1900), Int32(month - 1), Int32(day))
        let seconds = timegm(&parts)
        // It makes the first of March of the thirtieth of February.
        return parts.tm_mday == Int32(day) ? Int64(seconds) / 86_400 : nil
    }

    /// The day that is `days` after 1970-01-01 (gmtime_r(3)), which must be within the years 1 to 9999.
    static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        var seconds = time_t(days * 86_400)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return (Int64(parts.tm_year) + 1900, Int64(parts.tm_mon) + 1, Int64(parts.tm_mday))
    }
}
