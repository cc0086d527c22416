/// Where a post's file goes below the document root. Pure.
public struct Placement: Sendable {
    /// Keep the directories of the relpath.
    public var mirrors: Bool
    /// Leading directories of the relpath that are dropped.
    public var strip: Int
    /// What this matches at the start of the relpath is dropped.
    var pattern: StripPattern?
    /// Joins all words of the relpath to one name; `nil` or `/`: no.
    public var flatten: String?
    /// Puts `YYYYMMDD/<source>/` in front: the day of the announcement, UTC.
    public var daily: Bool
    /// The source's folder in the daily tree of another switch is called `<source>@<from_cluster>` here: sources of two clusters may have one
    /// name, and never meet.
    public var namesClusters = false

    /// What comes lies in daily trees of another switch already, in which private data has a folder of its own.
    public var keepsDailyTrees = false

    /// A placement.
    public init(mirrors: Bool, strip: Int = 0, flatten: String? = nil, daily: Bool = false) {
        self.mirrors = mirrors
        self.strip = strip
        self.flatten = flatten
        self.daily = daily
    }

    /// A placement that strips as an option says.
    init(mirrors: Bool, strip: StripChoice, flatten: String?, daily: Bool = false) {
        self.init(mirrors: mirrors, strip: strip.count, flatten: flatten, daily: daily)
        if case .pattern(let text) = strip { pattern = StripPattern(text) }
    }

    /// The place of `post`'s file, also where it announces one block in a part file. Throws `FileError.notAllowed` when a path in it leads
    /// out of the tree or names nothing.
    public func place(for post: Post, now: Timestamp = .now()) throws(FileError) -> Place {
        var path = try Self.renamed(post)
        if let pattern { path = try pattern.stripped(path) }
        var words = try Place(path)
        if let part = post.partName, post.rename == nil || PartName(words.name) == part {
            words = try Place((words.directories + [part.file]).joined(separator: "/"))
        }
        var place = words
        if let flatten, flatten != "/" {
            place = try Place((words.directories.dropFirst(strip) + [words.name]).joined(separator: flatten))
        } else if mirrors || daily {
            place = try Place((words.directories.dropFirst(strip) + [words.name]).joined(separator: "/"))
        } else {
            place = try Place(words.name)
        }
        if namesClusters { place = try withCluster(place, post) }
        guard daily else {
            if namesClusters || keepsDailyTrees { try PrivatePlace.check(place, isPrivate: post.isPrivate) }
            return place
        }
        guard let source = post.source, !source.isEmpty, !source.utf8.contains(UInt8(ascii: "/")) else {
            throw FileError(.notAllowed, "the post of \(place.relpath) names no source to store it under")
        }
        let inner = post.group.map { "\(PrivatePlace.folder)/\($0)/" } ?? ""
        let whole = try Place("\(day(post.time, now))/\(source)/\(inner)\(place.relpath)")
        try PrivatePlace.check(whole, isPrivate: post.isPrivate)
        return whole
    }

    private func withCluster(_ place: Place, _ post: Post) throws(FileError) -> Place {
        guard let source = post.source, let cluster = post.fromCluster, AccountName.isValid(source), AccountName.isValid(cluster)
        else {
            throw FileError(.notAllowed, "the post of \(place.relpath) does not say whose it is")
        }
        var words = place.directories
        let name = "\(source)@\(cluster)"
        guard words.count > 1, DailyTrees.isDay(words[0]), words[1] == source || words[1] == name else {
            throw FileError(.notAllowed, "\(place.relpath) is not in a daily tree of \(name), whose it is said to be")
        }
        words[1] = name
        return try Place((words + [place.name]).joined(separator: "/"))
    }

    /// `rename` replaces the relpath; one that ends in `/` is a directory to put the file in.
    static func renamed(_ post: Post) throws(FileError) -> String {
        guard let rename = post.rename, !rename.isEmpty else {
            return post.location.relpath.isEmpty ? post.location.fileName : post.location.relpath
        }
        return rename.hasSuffix("/") ? rename + (try Place(post.location.fileName)).name : rename
    }

    /// The announcement's own day, so that a second delivery after midnight finds the same place; a day that is not near today's is not
    /// believed.
    private func day(_ time: Timestamp, _ now: Timestamp) -> String {
        abs(time.seconds - now.seconds) < 2 * 86_400 ? time.day : now.day
    }
}

/// A pattern for what is taken off the front of paths, which several threads share.
final class StripPattern: Sendable {
    private let compiled: Guarded<Pattern?>

    /// The pattern `text`, which was found good when the options were read.
    init(_ text: String) { compiled = Guarded(try? Pattern(text)) }

    /// The path behind the match; the last name where nothing is left, and all where nothing matches. Throws `notAllowed` where the search
    /// is too costly: the file would lie where nobody looks for it.
    func stripped(_ path: String) throws(FileError) -> String {
        let (outcome, end) = compiled.withLock { $0?.prefix(of: path) } ?? (.noMatch, 0)
        if outcome == .tooCostly {
            throw FileError(.notAllowed, "the pattern of strip is too costly to be tried on \(path)")
        }
        guard outcome == .match, case let count = end else { return path }
        let rest = path.utf8.dropFirst(count).drop { $0 == UInt8(ascii: "/") }
        return rest.isEmpty ? String(path.split(separator: "/").last ?? "") : String(Substring(rest))
    }
}
