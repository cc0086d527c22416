/// The pages on which web servers list a folder (nginx, Apache, lighttpd, Python's http.server): links with a date and a size behind each.
///
/// Read from tag to tag, not by lines: any quotes, several links on a line, links that name the whole path.
struct IndexPage: ListingFormat {
    private let folder: IndexLink
    private var heading = PageHeading()
    private var tag = TagCutter()
    /// The link at hand: where it leads, what it shows, and what is written behind it.
    private var link: (target: IndexLink.Target, shown: String, behind: String)?
    private var isInLink = false
    private var hasEntry = false
    private var hasDates = false
    /// In the second reading: what has no date is a link of a text on the page.
    private var needsDates = false
    /// The list that the first entry stood in has ended.
    private var isBehind = false
    private var lists = 0
    /// Links to something else than this folder, what is in it, or what is above it.
    private var elsewhere = 0

    /// The page of the folder at `url` (encoded).
    init(_ url: String) { folder = IndexLink(folder: url) }

    var separator: UInt8 { UInt8(ascii: "<") }

    /// See `ListingFormat`.
    mutating func read(_ piece: Substring) throws(ListingError) -> [ListedLine] {
        guard let (name, attributes, text) = tag.cut(piece) else { return [] }
        heading.read(name, attributes, text)
        var found: [ListedLine] = []
        switch name {
        case "a":
            found = flush()
            if let target = TagCutter.value("href", attributes) { link = (folder.target(unescaped(target)), "", "") }
            isInLink = true
        case "/a": isInLink = false
        case "pre", "ul", "ol", "table", "dl": lists += 1
        case "/pre", "/ul", "/ol", "/table", "/dl":
            found = flush()
            lists -= 1
            if hasEntry, lists <= 0 { isBehind = true }
        case "/tr", "/body", "/html", "hr": found = flush()
        default: break
        }
        if isInLink { link?.shown += text } else { link?.behind += " " + text }
        return found
    }

    /// See `ListingFormat`. A page must say that it is an index, end as a page does, and be understood: an error page with status 200, a
    /// start page, or one for signing in must not pass for an empty folder.
    mutating func finish() throws(ListingError) -> [ListedLine] {
        let found = flush()
        if let fault = heading.fault { throw ListingError(fault) }
        if !hasEntry, elsewhere > 0 {
            throw ListingError("none of its links leads to something in this folder, \(elsewhere) lead elsewhere")
        }
        return found
    }

    /// See `ListingFormat`.
    mutating func rewind() {
        let hadDates = hasDates
        self = IndexPage(folder)
        needsDates = hadDates
    }

    private init(_ folder: IndexLink) { self.folder = folder }

    /// What the link says that has ended.
    private mutating func flush() -> [ListedLine] {
        guard let (target, shown, behind) = link else { return [] }
        link = nil
        isInLink = false
        switch target {
        case .aside: return []
        case .elsewhere:
            elsewhere += 1
            return []
        case .unusable(let name):
            // A text's own links may lead anywhere.
            guard !isBehind else { return [] }
            return [.unusable("the name \(MessageError.quote(name)) cannot be used: it has control characters or is not UTF-8")]
        case .entry(let name, let isFolder):
            let facts = PageFacts(behind)
            if facts.time != nil { hasDates = true }
            guard facts.time != nil || !needsDates && !isBehind && Self.shows(unescaped(Substring(shown)), name) else {
                // It could have been one.
                if !isBehind { elsewhere += 1 }
                return []
            }
            hasEntry = true
            let isFolder = isFolder || facts.isFolder
            let size = isFolder ? nil : facts.size
            return [.entry(ListedEntry(name: name, isFolder: isFolder, size: size, modified: facts.time, step: facts.step))]
        }
    }

    /// Whether a link shows the name that it leads to, whole or cut.
    private static func shows(_ shown: String, _ name: String) -> Bool {
        var text = trimmed(shown)
        if let last = text.last, last == UInt8(ascii: "/") || last == UInt8(ascii: "@") {
            if text.elementsEqual(name.utf8) { return true }
            text = text.dropLast()
        }
        if text.elementsEqual(trimmed(name)) { return true }
        for mark in ["..>", "...", "…", ".."] where Substring(text).hasSuffix(mark) {
            return text.count > mark.utf8.count && name.utf8.starts(with: text.dropLast(mark.utf8.count))
        }
        return false
    }

    /// Without what a page has around words.
    private static func trimmed(_ text: String) -> Substring.UTF8View {
        let blanks: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
        let begin = Substring(text).utf8.drop { blanks.contains($0) }
        guard let last = begin.lastIndex(where: { !blanks.contains($0) }) else { return begin }
        return begin[...last]
    }

    private func unescaped(_ text: Substring) -> String { TagCutter.unescaped(text) }
}
