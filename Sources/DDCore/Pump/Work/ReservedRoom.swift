/// The room on disk that is reserved for one post while it is carried out, where its source has a quota.
protocol ReservedRoom: Sendable {
    /// Before another try: reserves again what was given back after the last one. `false` when it does not fit now.
    func hold() -> Bool
    /// So many bytes have come: what is above those announced needs room as well.
    func ensure(_ bytes: Int64) throws(OverQuota)
    /// The job has ended and stored so much more, or less: that counts from now on, in one step with the end of what was reserved for it. In
    /// two steps it would count twice for a moment, and a post that fits would be held.
    func settle(stored: DailyTrees.Usage)
    /// Gives it back; again is no error.
    func release()
}

/// A file turned out to be larger than what its source may still have.
struct OverQuota: Error, CustomStringConvertible {
    let description: String
}
