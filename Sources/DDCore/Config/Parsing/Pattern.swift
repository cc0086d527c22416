import CPCRE2

/// A regular expression of PCRE2, compiled, matched from the start of a text.
///
/// Owns its memory and is for one thread: keep the text (it was checked when the options were read) and compile where it is used.
public final class Pattern {
    /// What matching came to.
    public enum Outcome: Sendable, Equatable {
        /// The text begins with a match.
        case match
        /// It does not.
        case noMatch
        /// The search was given up at `matchLimit`.
        case tooCostly
    }

    /// Steps after which a search is given up, so that a name made for it cannot hang a program.
    public static let matchLimit: UInt32 = 100_000

    /// The expression as written.
    public let text: String

    private let code: OpaquePointer
    private let matchData: OpaquePointer
    private let limits: OpaquePointer

    /// Compiles `text`. The error says what is wrong and where.
    public init(_ text: String) throws(ConfigError) {
        var number: Int32 = 0
        var offset = 0
        let options = PCRE2_ANCHORED | PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C
        let units = Array(text.utf8)
        guard let code = pcre2_compile_8(units, units.count, options, &number, &offset, nil) else {
            throw ConfigError(.configuration, Pattern.describe(text, number, offset))
        }
        // Without just-in-time compilation (a machine that has none) the same pattern is interpreted.
        pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE)
        guard let matchData = pcre2_match_data_create_8(1, nil) else {
            pcre2_code_free_8(code)
            throw ConfigError(.configuration, "cannot compile pattern '\(text)': out of memory")
        }
        guard let limits = pcre2_match_context_create_8(nil) else {
            pcre2_match_data_free_8(matchData)
            pcre2_code_free_8(code)
            throw ConfigError(.configuration, "cannot compile pattern '\(text)': out of memory")
        }
        pcre2_set_match_limit_8(limits, Pattern.matchLimit)
        self.text = text
        self.code = code
        self.matchData = matchData
        self.limits = limits
    }

    deinit {
        pcre2_match_context_free_8(limits)
        pcre2_match_data_free_8(matchData)
        pcre2_code_free_8(code)
    }

    /// Whether `subject` begins with a match. Stands for `pcre2_match`.
    public func match(_ subject: String) -> Outcome {
        var subject = subject
        let status = subject.withUTF8 { units in
            // A Swift string is valid UTF-8, so PCRE2 need not look again.
            pcre2_match_8(code, units.baseAddress, units.count, 0, PCRE2_NO_UTF_CHECK, matchData, limits)
        }
        if status >= 0 { return .match }
        return status == PCRE2_ERROR_NOMATCH ? .noMatch : .tooCostly
    }

    /// The same, and how many bytes of `subject` the match has.
    func prefix(of subject: String) -> (Outcome, Int) {
        let outcome = match(subject)
        guard outcome == .match else { return (outcome, 0) }
        return (outcome, pcre2_get_ovector_pointer_8(matchData)?[1] ?? 0)
    }

    /// What is wrong with `text` as a pattern, or `nil`.
    static func fault(in text: String) -> String? {
        do throws(ConfigError) {
            _ = try Pattern(text)
            return nil
        } catch { return error.text }
    }

    private static func describe(_ text: String, _ number: Int32, _ offset: Int) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = pcre2_get_error_message_8(number, &buffer, buffer.count)
        let reason = count > 0 ? String(decoding: buffer.prefix(Int(count)), as: UTF8.self) : "error \(number)"
        let before = String(decoding: Array(text.utf8).prefix(offset), as: UTF8.self).count
        return "bad pattern '\(text)' after character \(before): \(reason)"
    }
}
