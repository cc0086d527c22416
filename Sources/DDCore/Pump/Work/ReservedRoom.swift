/// The room on disk that is reserved for one post while it is carried out, where its source has a quota.
protocol ReservedRoom: Sendable {
    /// Before another try: reserves again what was given back after the last one. `false` when it does not fit now.
    func hold() -> Bool
    /// So many bytes have come: what is above those announced needs room as well.
    func ensure(_ bytes: Int64) throws(OverQuota)
    /// Gives it back; again is no error.
    func release()
}

/// A file turned out to be larger than what its source may still have.
struct OverQuota: Error, CustomStringConvertible {
    let description: String
}
