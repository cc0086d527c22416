/// Which posts of redundant sources are the first of their kind.
///
/// Two posts are of one kind when they announce the same content under the same name; which of them is newer is told by their times, so that a file
/// that was removed and made again is announced again, and what a slower source still says of the time before is not.
public final class Winnow {
    /// What is done with a post.
    public enum Verdict: Sendable, Equatable {
        /// It is the first, or is delivered again after it was.
        case pass
        /// It was announced before.
        case double
        /// Its file was removed after it was posted.
        case outdated
    }

    private let table: SeenTable
    private let basis: WinnowOptions.Basis
    private let strip: Int
    private static let (gone, again): (UInt32, UInt32) = (1, 2)

    /// Remembers in `table`. `strip` leading directories of a path do not count.
    public init(_ table: SeenTable, basis: WinnowOptions.Basis = .content, strip: Int = 0) {
        (self.table, self.basis, self.strip) = (table, basis, strip)
    }

    /// How often something was forgotten before its time.
    var evictions: Int { table.evictions }

    /// Decides about a post and remembers it. `isRedelivered`: the broker cannot say whether it was dealt with before; the very same post passes
    /// once more then, because its first pass may not have come to an end. `now` in seconds since 1970.
    func verdict(on post: Post, isRedelivered: Bool, now: Int64 = Timestamp.now().seconds) throws -> Verdict {
        let path = path(of: post)
        let isRemoval = post.event == .removed || post.event == .directoryRemoved
        let content = try SeenTable.Key(isRemoval ? "removed\0\(path)" : Self.kind(of: post, path, basis))
        let standing = try SeenTable.Key("standing\0\(path)")
        let identity = UInt32(truncatingIfNeeded: try SeenTable.Key("\(post.time.wire) \(post.location.url)").low)
        let time = post.time.seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ Int64(post.time.nanoseconds)
        return try table.locked {
            let known = table.find(content, now: now)
            if let known, isRedelivered, known.mark == identity { return .pass }
            let state = basis == .data ? nil : table.find(standing, now: now)
            if isRemoval {
                if let state, state.mark == Self.gone || time <= state.time { return .double }
            } else {
                if let state, state.mark == Self.gone, time <= state.time { return .outdated }
                let isMadeAgain = state.map { $0.mark == Self.gone && $0.time >= known?.time ?? .min } ?? false
                if known != nil, !isMadeAgain { return .double }
            }
            table.put(content, SeenTable.Entry(time: time, mark: identity), now: now)
            if isRemoval {
                table.put(standing, SeenTable.Entry(time: time, mark: Self.gone), now: now)
            } else if state != nil {
                table.put(standing, SeenTable.Entry(time: time, mark: Self.again), now: now)
            }
            return .pass
        }
    }

    private func path(of post: Post) -> String {
        let words = post.location.relpath.split(separator: "/")
        return words.dropFirst(min(strip, max(0, words.count - 1))).joined(separator: "/")
    }

    /// A text that two posts have in common when they announce the same content under `path`, or are the same on another `basis`.
    static func kind(of post: Post, _ path: String, _ basis: WinnowOptions.Basis = .content) -> String {
        let names = [post.rename, post.oldname, post.newname].map { $0 ?? "" }.joined(separator: "\0")
        switch post.event {
        case .file(let parts, let sum):
            let part = post.block?.wire ?? "\(parts.flatMap { $0.size } ?? -1)"
            if basis == .name { return "name\0\(path)\0\(post.block == nil ? "" : part)\0\(names)" }
            // What is not computed, or only from the name, says nothing of the content.
            let isSummed = if case .digest = sum { true } else { false }
            let content = isSummed ? sum.wire : "\(post.mtime?.wire ?? "")"
            return basis == .data && isSummed ? "data\0\(part)\0\(content)" : "file\0\(path)\0\(part)\0\(content)\0\(names)"
        case .link(let target): return "link\0\(path)\0\(target ?? "")\0\(names)"
        case .directory: return "directory\0\(path)\0\(names)"
        case .removed, .directoryRemoved: return "removed\0\(path)"
        }
    }
}
