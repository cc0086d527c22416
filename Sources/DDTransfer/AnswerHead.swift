import DDCore

/// What a server said before the bytes.
struct AnswerHead {
    /// Of http, and the last reply of ftp; 0 when there was none.
    let status: Int
    /// Bytes that follow; `nil` when the server did not say.
    let length: Int64?
    /// Of http, as sent; `nil` when there is none.
    let contentRange: String?
    /// Of http, `Content-Encoding` as sent; `nil` when there is none, or it says `identity`.
    let encoding: String?
    /// When the file was changed last (`CURLINFO_FILETIME_T`); `nil` when that was not asked for or not said.
    let modified: Timestamp?

    /// What a server said.
    init(
        status: Int, length: Int64?, contentRange: String? = nil, encoding: String? = nil, modified: Timestamp? = nil
    ) {
        self.status = status
        self.length = length
        self.contentRange = contentRange
        self.encoding = encoding
        self.modified = modified
    }
}
