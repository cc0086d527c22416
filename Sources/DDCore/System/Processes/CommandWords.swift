/// Cuts a command into words without a shell.
public enum CommandWords {
    /// The words of `text`. Blanks separate; `'...'` is taken as it is; in `"..."` and outside of quotes `\` takes the next
    /// letter as it is. Nothing else has a meaning. Throws for a quote that does not end and for a text without a word.
    public static func split(_ text: String) throws(ConfigError) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = text[...]
        while let letter = rest.popFirst() {
            switch (letter, quote) {
            case ("\\", nil), ("\\", "\""):
                guard let next = rest.popFirst() else { throw ConfigError(.configuration, "'\\' at the end of the command") }
                word = (word ?? "") + String(next)
            case ("\"", nil), ("'", nil):
                quote = letter
                word = word ?? ""
            case (_, let open?) where open == letter: quote = nil
            case (" ", nil), ("\t", nil), ("\n", nil):
                if let done = word { words.append(done) }
                word = nil
            default: word = (word ?? "") + String(letter)
            }
        }
        if let quote { throw ConfigError(.configuration, "no second \(quote) in the command") }
        if let word { words.append(word) }
        guard let program = words.first, !program.isEmpty else {
            throw ConfigError(.configuration, "the command names no program")
        }
        return words
    }
}
