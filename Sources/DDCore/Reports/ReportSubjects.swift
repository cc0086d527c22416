import Glibc

/// What reports of users may be about. What is said to be this switch's own must be there, and belong to the source that is named.
public struct ReportSubjects: Sendable {
    /// The URLs under which it announces, each with its final `/`.
    private let urls: [String]
    /// Nothing else may be reported on.
    private let onlyHere: Bool
    /// The document root below them; `nil`: it is not looked at.
    private let root: String?

    /// What stands under one of `urls` must be in `root`; anything else may be reported on as well, unless `onlyHere` is set.
    public init(urls: [String] = [], root: String? = nil, onlyHere: Bool = false) {
        self.onlyHere = onlyHere
        self.urls = urls.map { $0.hasSuffix("/") ? $0 : $0 + "/" }
        self.root = root
    }

    /// Why a report about `post` does not go to its source, or `nil`. `isRouted`: it would go to another switch, and only what is announced here
    /// may be said there.
    func fault(of post: Post, isRouted: Bool = false) -> String? {
        guard urls.contains(where: { post.location.base.utf8.elementsEqual($0.utf8) }) else {
            return onlyHere || isRouted ? "not about what is announced here" : nil
        }
        guard let root else { return nil }
        guard let place = try? Place(post.location.relpath) else { return "its path names no file" }
        // In a daily tree the path tells whose it is: nobody brings his words to another than the source.
        if place.directories.count >= 2, DailyTrees.isDay(place.directories[0]), let source = post.source,
            ![source, "\(source)@\(post.fromCluster ?? "")"].contains(place.directories[1])
        {
            return "about a file of another source than it says"
        }
        // A file that comes in blocks has its name only when it is whole.
        guard case .file = post.event, post.block == nil else { return nil }
        var info = stat()
        if lstat("\(root)/\(place.relpath)", &info) == 0 { return nil }
        // Removed meanwhile, with all of its day.
        if let day = place.directories.first, DailyTrees.isDay(day), lstat("\(root)/\(day)", &info) != 0 { return nil }
        return "about a file that is not here"
    }
}
