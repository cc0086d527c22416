/// What a server said before the bytes.
struct AnswerHead {
    /// Of http, and the last reply of ftp; 0 when there was none.
    let status: Int
    /// Bytes that follow; `nil` when the server did not say.
    let length: Int64?
    /// Of http, as sent; `nil` when there is none.
    let contentRange: String?
}
