/// What is written behind a link on the page of a folder: date, time and size.
struct PageFacts {
    /// Taken as UTC; `nil` when there is no date with a time.
    let time: Timestamp?
    /// How exactly the time is said, in seconds.
    let step: Int64
    /// Bytes, where they are said exactly.
    let size: Int64?
    /// A dash stands where files have their size.
    let isFolder: Bool

    /// Reads a text without tags.
    init(_ text: String) {
        let words = text.utf8.split { [0x20, 0x09, 0x0D, 0x0A].contains($0) }.map { Substring($0) }
        guard let place = words.firstIndex(where: { ListedTime.day($0) != nil }), let day = ListedTime.day(words[place]),
            place + 1 < words.count, let clock = ListedTime.clock(words[place + 1])
        else {
            (time, step, size, isFolder) = (nil, 1, nil, false)
            return
        }
        time = Timestamp(seconds: day * 86_400 + clock.seconds)
        step = clock.step
        let word = place + 2 < words.count ? words[place + 2] : ""
        size = ListedTime.number(word)
        isFolder = word == "-"
    }
}

/// What a page is, as far as its heading and its end tell.
struct PageHeading {
    private var isIndex = false
    private var isWhole = false
    private var asksForPassword = false
    private var hasScript = false
    private var hasBody = false
    private var isInHeading = false

    /// Looks at a tag and the text behind it.
    mutating func read(_ name: String, _ attributes: Substring, _ text: String) {
        switch name {
        case "title", "h1", "h2", "h3": isInHeading = true
        case "/title", "/h1", "/h2", "/h3", "/head": isInHeading = false
        case "script": hasScript = true
        case "a", "table", "pre", "ul": hasBody = true
        case "/html": isWhole = true
        case "input":
            if TagCutter.value("type", attributes)?.lowercased() == "password" { asksForPassword = true }
        default: break
        }
        guard isInHeading, !isIndex else { return }
        let text = text.lowercased()
        isIndex = text.contains("index of") || text.contains("directory listing")
    }

    /// Why the page says nothing of the folder; `nil` when it is an index, and whole.
    var fault: String? {
        if !isIndex { return "it is no index of a folder" }
        if !isWhole { return "it is cut short" }
        if asksForPassword { return "it asks for a password" }
        return hasScript && !hasBody ? "it is filled in by a script, which is not run" : nil
    }
}
