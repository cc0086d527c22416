/// What a server's listing says of one name in a folder.
public struct ListedEntry: Sendable, Equatable {
    /// The name, decoded, without a slash.
    public let name: String
    /// A folder, not a file.
    public let isFolder: Bool
    /// Bytes, where they are said exactly; servers that write 1.2K do not.
    public let size: Int64?
    /// When it was changed last, as the server writes it, taken as UTC; rounded down to `step`.
    public let modified: Timestamp?
    /// How exactly the time is said: 1 second, 60 or 86,400.
    public let step: Int64

    /// Puts one together.
    public init(name: String, isFolder: Bool, size: Int64?, modified: Timestamp?, step: Int64 = 1) {
        self.name = name
        self.isFolder = isFolder
        self.size = size
        self.modified = modified
        self.step = max(1, step)
    }

    /// Whether a file that was listed like `earlier` is another one now, as far as both listings say. A time of which only the day is
    /// known is compared by the day.
    public func differs(from earlier: ListedEntry) -> Bool {
        if size != earlier.size || isFolder != earlier.isFolder { return true }
        guard let modified, let before = earlier.modified else { return (modified == nil) != (earlier.modified == nil) }
        let step = max(step, earlier.step)
        return Self.floor(modified, step) != Self.floor(before, step)
    }

    /// Whether a file with that size and time is the one listed; `false` where the listing does not say enough.
    func describes(size: Int64, modified: Timestamp) -> Bool {
        guard let listedSize = self.size, let listedTime = self.modified else { return false }
        return size == listedSize && Self.floor(modified, step) == Self.floor(listedTime, step)
    }

    private static func floor(_ time: Timestamp, _ step: Int64) -> Int64 {
        let remainder = time.seconds % step
        return time.seconds - (remainder < 0 ? remainder + step : remainder)
    }
}
