import Glibc

/// The last line of a terminal on standard error, drawn again and again. Lines of the log come above it.
public enum StatusLine {
    /// What is drawn; empty: nothing is.
    private static let drawn = Guarded("")

    /// Draws `text` in the place of what was drawn before, as much of it as the terminal is wide.
    public static func draw(_ text: String) {
        drawn.withLock { drawn in
            drawn = String(text.prefix(Terminal.width(of: 2) - 1))
            LogLine.put("\r\u{1B}[K" + drawn, to: 2)
        }
    }

    /// Draws `text` a last time and ends the line.
    public static func end(_ text: String) {
        drawn.withLock { drawn in
            drawn = ""
            LogLine.put("\r\u{1B}[K" + text + "\n", to: 2)
        }
    }

    /// Writes whole lines above what is drawn; false when nothing is.
    static func write(above lines: String) -> Bool {
        drawn.withLock { drawn in
            guard !drawn.isEmpty else { return false }
            LogLine.put("\r\u{1B}[K" + lines + drawn, to: 2)
            return true
        }
    }

}
