/// What became of a post, as its source is told: a code and words. The codes are those of dd_log(7).
public struct Status: Sendable, Equatable {
    /// Three digits.
    public let code: Int
    /// Words, cut at 255 bytes when written.
    public let message: String

    /// A status.
    public init(_ code: Int, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether it is a refusal or a failure.
    public var isFailure: Bool { code >= 400 }
}
