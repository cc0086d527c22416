/// Judges what a folder's listing shows no longer: it has gone, or the listing does not show everything. A removal is announced to everybody,
/// so it is believed only when the server also says so when it is asked for a name alone, and, where much has gone, at two looks in a row.
struct LostNames {
    /// As it was known before the look.
    let known: KnownFolder
    /// The names listed now.
    let shown: Set<[UInt8]>
    /// The listing as a whole.
    let listing: Listing

    /// Names that are asked for, one by one. Of more that many are, spread over all.
    static let asked = 10

    /// What follows.
    enum Verdict: Equatable {
        /// They have gone.
        case gone
        /// Nobody knows: they count as there, and it is a failure of the look.
        case doubtful(String)
        /// They count as there until the next look, which must show the same. No failure.
        case waiting(String)
    }

    /// The entries that are not shown, by name.
    var names: [[UInt8]] { known.entries.keys.filter { !shown.contains($0) }.sorted { $0.lexicographicallyPrecedes($1) } }

    /// What is to be thought of them; `presence` asks the server for one of them.
    func verdict(_ presence: (ListedEntry) -> FolderLister.Presence) -> Verdict {
        let lost = names
        guard !lost.isEmpty else { return .gone }
        let count = "\(lost.count) of the \(known.entries.count) names known here"
        guard listing.isWhole else {
            return .doubtful("what cannot be used may be one of \(count) that are not listed: none of them counts as removed")
        }
        for key in Self.sample(lost) {
            guard let entry = known.entries[key] else { continue }
            switch presence(entry) {
            case .gone: continue
            case .there:
                return .doubtful(
                    "\(count) are not listed, but '\(entry.name)' is there: the listing is not believed, and nothing counts as removed"
                )
            case .unclear(let why):
                return .doubtful(
                    "\(count) are not listed, and whether '\(entry.name)' has gone cannot be told: nothing counts as removed (\(why))"
                )
            }
        }
        guard let why = doubt(lost), !lost.allSatisfy(known.missing.contains) else { return .gone }
        return .waiting("\(count) are not listed (\(why)): they count as removed when the next look shows the same")
    }

    /// Why one look is not enough; `nil` when it is.
    private func doubt(_ lost: [[UInt8]]) -> String? {
        if lost.count == known.entries.count { return "nothing of what was known is left" }
        if let form = known.form, form != listing.form { return "and the server lists in another form" }
        return lost.count > Self.asked && lost.count > known.entries.count / 2 ? "more than half" : nil
    }

    private static func sample(_ names: [[UInt8]]) -> [[UInt8]] {
        guard names.count > asked else { return names }
        return (0..<asked).map { names[$0 * (names.count - 1) / (asked - 1)] }
    }
}
