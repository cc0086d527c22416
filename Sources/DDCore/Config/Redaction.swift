/// Keeps passwords out of texts that quote what a user wrote.
public enum Redaction {
    /// `text` with all between `://` (or its beginning) and its last `@` replaced, when there could be a password in that, and
    /// with control characters escaped. Works on texts that are no valid URL too.
    public static func masked(_ text: String) -> String {
        var shown = text
        if let at = text.lastIndex(of: "@") {
            let scheme = text.firstRange(ofScheme: "://")
            let start = scheme.map { $0 <= at ? $0 : text.startIndex } ?? text.startIndex
            if text[start..<at].contains(":") { shown = text[..<start] + "***" + text[at...] }
        }
        return String(shown.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0) })
    }
}

extension String {
    /// The index behind the first `mark`.
    fileprivate func firstRange(ofScheme mark: String) -> Index? {
        var from = startIndex
        while from < endIndex {
            if self[from...].hasPrefix(mark) { return index(from, offsetBy: mark.count) }
            from = index(after: from)
        }
        return nil
    }
}
