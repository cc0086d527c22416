/// Keeps passwords out of texts that quote what a user wrote.
public enum Redaction {
    /// `text` with all between `://` (or its beginning) and its last `@` replaced, when there could be a password in that, and
    /// with control characters replaced by `?`. Works on texts that are no valid URL too.
    public static func masked(_ text: String) -> String {
        // By scalars: a letter with a combining mark behind it would hide a `:` or `@`.
        var shown = Array(text.unicodeScalars)
        if let at = shown.lastIndex(of: "@") {
            let mark = Array("://".unicodeScalars)
            let scheme = shown.indices.first { $0 < at && shown[$0...].starts(with: mark) }
            let start = scheme.map { min($0 + mark.count, at) } ?? 0
            if shown[start..<at].contains(":") { shown.replaceSubrange(start..<at, with: Array("***".unicodeScalars)) }
        }
        var result = ""
        for scalar in shown { result.unicodeScalars.append(scalar.properties.generalCategory == .control ? "?" : scalar) }
        return result
    }
}
