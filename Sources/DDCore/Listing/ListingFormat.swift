/// What is wrong with a listing.
public struct ListingError: Error, Sendable, CustomStringConvertible {
    /// One line: which folder, what is wrong.
    public let description: String

    /// Puts an error together.
    public init(_ description: String) { self.description = description }
}

/// The forms in which servers list a folder.
public enum ListingForm: String, Sendable {
    /// The page of a web server.
    case page
    /// The lines of `ls -l`.
    case long
    /// The lines of `MLSD` (RFC 3659), with exact times in UTC.
    case machine
}

/// Reads a listing piece by piece, twice: first to learn whether it can be used, then for its entries.
protocol ListingFormat {
    /// The byte that ends a piece.
    var separator: UInt8 { get }
    /// What is known with this piece: entries, nothing (headings, the folder itself), why a name cannot be used. Throws `ListingError` when
    /// the whole listing cannot be trusted.
    mutating func read(_ piece: Substring) throws(ListingError) -> [ListedLine]
    /// Called behind the last piece. Throws `ListingError` when the listing is cut short or is none.
    mutating func finish() throws(ListingError) -> [ListedLine]
    /// Called between the two readings.
    mutating func rewind()
}

/// What is learned from a piece of a listing.
enum ListedLine: Equatable {
    case entry(ListedEntry)
    /// A name that cannot be used, or something that is not understood, and why. A file may hide behind it.
    case unusable(String)
}

/// A listing as a whole, read once.
public struct Listing: Sendable {
    /// Its form.
    public let form: ListingForm
    /// Nothing in it is unusable: what it does not show is not listed.
    public internal(set) var isWhole = true
    /// Names in it.
    public internal(set) var count = 0
    /// XXH3 of its entries in their order: two folders with the same are the same folder, or look like it.
    public internal(set) var mark: [UInt8] = []
    /// Files with a size and a time are in it, so that another folder hardly has the same `mark`.
    public internal(set) var tellsApart = false
}
