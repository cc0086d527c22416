/// The folders from the beginning of a walk down to one of them: tells when a folder is one of those that it lies in, which a link that
/// leads back makes of it, or a server that answers every path alike. Such a walk has no end.
final class WalkTrail: Sendable {
    /// The path of the folder below the beginning, with its final slash.
    let path: String
    /// Folders that it lies in.
    let depth: Int
    private let parent: WalkTrail?
    private let mark: [UInt8]

    /// Folders in folders that are walked.
    static let maxDepth = 64
    /// Folders that are looked into in one walk.
    static let maxFolders = 1_000_000
    /// How often folders in folders may list the same where it says little: trees of folders alone, as caches have them.
    private static let patience = 3

    /// The folder at `path` in `parent`, which lists what `mark` stands for.
    init(_ path: String, mark: [UInt8], in parent: WalkTrail?) {
        self.path = path
        self.mark = mark
        self.parent = parent
        depth = parent.map { $0.depth + 1 } ?? 0
    }

    /// What is known of a folder that leads back.
    struct Return: Equatable {
        /// The folder that lists the same.
        let path: String
        /// Files with their sizes and times are the same; otherwise names of folders are, several times over.
        let isCertain: Bool
    }

    /// Where a folder below this one that lists `listing` leads back to; `nil` when it does not.
    func leadsBack(_ listing: Listing) -> Return? {
        guard listing.count > 0 else { return nil }
        var (next, same): (WalkTrail?, [WalkTrail]) = (self, [])
        while let folder = next {
            if folder.mark == listing.mark { same.append(folder) }
            next = folder.parent
        }
        guard let first = same.last, listing.tellsApart || same.count >= Self.patience else { return nil }
        return Return(path: first.path, isCertain: listing.tellsApart)
    }

    /// The line for the user.
    static func sentence(_ url: String, _ back: Return) -> String {
        let upper = back.path.isEmpty ? "the folder where the look began" : back.path
        return back.isCertain
            ? "\(url) lists the same files as \(upper), in which it lies: it leads back there, and is passed over"
            : "\(url) lists the same names as \(upper), in which it lies, as others between them do: if it leads back there the walk "
                + "would not end, so it is left out; files below it are not seen"
    }
}

extension FolderLister {
    /// Lists the folder at `url` as `list` does, on the way `parent`; `nil` when it leads back to a folder it lies in: nothing of it is handed
    /// on then, and that is said to `problem`, or to `log` where it is no problem.
    func list(
        _ url: String, below parent: WalkTrail?, log: Log, problem: (String) -> Void, each: (ListedEntry) throws -> Void
    ) throws -> Listing? {
        var back: WalkTrail.Return?
        let listing = try list(
            url,
            isWanted: { listing in
                back = parent?.leadsBack(listing)
                return back == nil
            }, problem: problem, each: each)
        guard let back else { return listing }
        let sentence = WalkTrail.sentence(url, back)
        if back.isCertain { log.warning(sentence) } else { problem(sentence) }
        return nil
    }
}
