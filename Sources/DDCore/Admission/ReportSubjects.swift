import Glibc

/// What reports of users may be about: files that this switch has announced.
public struct ReportSubjects: Sendable {
    /// The URLs under which it announces, each with its final `/`; none: anything.
    private let urls: [String]
    /// The document root below them; `nil`: it is not looked at.
    private let root: String?

    /// Anything, or what stands under one of `urls` and in `root`.
    public init(urls: [String] = [], root: String? = nil) {
        self.urls = urls.map { $0.hasSuffix("/") ? $0 : $0 + "/" }
        self.root = root
    }

    /// Why a report about `post` does not go to its source, or `nil`.
    func fault(of post: Post) -> String? {
        guard urls.isEmpty || urls.contains(where: { post.location.base.utf8.elementsEqual($0.utf8) }) else {
            return "not about what is announced here"
        }
        guard let root else { return nil }
        guard let place = try? Place(post.location.relpath) else { return "its path names no file" }
        // In a daily tree the path tells whose it is: nobody brings his words to another than the source.
        if place.directories.count >= 2, DailyTrees.isDay(place.directories[0]), let source = post.source,
            !source.utf8.elementsEqual(place.directories[1].utf8)
        {
            return "about a file of another source than it says"
        }
        guard case .file = post.event else { return nil }
        var info = stat()
        if lstat("\(root)/\(place.relpath)", &info) == 0 { return nil }
        // Removed meanwhile, with all of its day.
        if let day = place.directories.first, DailyTrees.isDay(day), lstat("\(root)/\(day)", &info) != 0 { return nil }
        return "about a file that is not here"
    }
}
