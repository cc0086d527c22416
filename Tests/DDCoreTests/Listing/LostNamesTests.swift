import DDTestSupport
import Testing

@testable import DDCore

/// When names that a listing shows no longer count as removed.
@Suite("names that are not listed any more")
struct LostNamesTests {
    private let home: TemporaryFolder

    init() throws { home = try TemporaryFolder() }

    private func entry(_ name: String) -> ListedEntry {
        ListedEntry(name: name, isFolder: false, size: 1, modified: Timestamp(seconds: 1))
    }

    private func lost(
        known: Int, shown: Int, missing: Bool = false, form: ListingForm = .page, isWhole: Bool = true
    ) throws -> LostNames {
        let names = (0..<known).map { "f\($0)" }
        var folder = try KnownFolder("http://h/\(known)/\(shown)/", in: home.path)
        let entries = Dictionary(uniqueKeysWithValues: names.map { (Array($0.utf8), entry($0)) })
        try folder.replace(by: entries, missing: missing ? Set(entries.keys) : [], form: .page)
        // As the next process reads it.
        let read = try KnownFolder("http://h/\(known)/\(shown)/", in: home.path)
        #expect(read.entries == entries && read.form == .page && read.missing == folder.missing)
        var listing = Listing(form: form)
        listing.isWhole = isWhole
        return LostNames(known: read, shown: Set(names.prefix(shown).map { Array($0.utf8) }), listing: listing)
    }

    private func isDoubtful(_ verdict: LostNames.Verdict) -> Bool { if case .doubtful = verdict { true } else { false } }
    private func isWaiting(_ verdict: LostNames.Verdict) -> Bool { if case .waiting = verdict { true } else { false } }

    @Test("a few have gone when the server says of each that it has; what cannot be told has not")
    func few() throws {
        let few = try lost(known: 20, shown: 18)
        var asked: [String] = []
        #expect(
            few.verdict {
                asked.append($0.name); return .gone
            } == .gone)
        #expect(asked.sorted() == ["f18", "f19"])
        #expect(isDoubtful(few.verdict { $0.name == "f19" ? .there : .gone }))
        #expect(isDoubtful(few.verdict { $0.name == "f19" ? .unclear("no answer") : .gone }))
        #expect(try lost(known: 20, shown: 20).verdict { _ in .there } == .gone)
    }

    @Test("all of a folder, more than half of many, and any in another form have gone when two looks in a row say so")
    func many() throws {
        for (known, shown, form) in [(1, 0, ListingForm.page), (5, 0, .page), (100, 49, .page), (20, 18, .long)] {
            #expect(isWaiting(try lost(known: known, shown: shown, form: form).verdict { _ in .gone }), "\(known) \(shown)")
            let again = try lost(known: known, shown: shown, missing: true, form: form)
            #expect(again.verdict { _ in .gone } == .gone, "\(known) \(shown)")
            #expect(isDoubtful(again.verdict { _ in .there }), "\(known) \(shown)")
        }
        var asked = 0
        #expect(
            try lost(known: 100, shown: 60).verdict { _ in
                asked += 1; return .gone
            } == .gone)
        #expect(asked == LostNames.asked)
    }

    @Test("while something in the listing is not understood, nothing in it has gone")
    func notWhole() throws {
        let verdict = try lost(known: 20, shown: 19, isWhole: false).verdict { _ in .gone }
        #expect(isDoubtful(verdict))
    }
}

/// What posts say of polled files.
@Suite("a polled folder")
struct PolledFolderTests {
    @Test("posts say the time that the server says when asked; from the listing only what is in UTC and exact to the minute")
    func times() throws {
        let home = try TemporaryFolder()
        let key = Array("f".utf8)
        let minute = ListedEntry(name: "f", isFolder: false, size: nil, modified: Timestamp(seconds: 600), step: 60)
        func folder(_ form: ListingForm, ftp: Bool = false) throws -> PolledFolder {
            PolledFolder(
                known: try KnownFolder("ftp://h/", in: home.path), listed: [key: minute], listing: Listing(form: form),
                isFTP: ftp,
                lost: [], verdict: .gone)
        }
        var page = try folder(.page)
        #expect(page.isRough(minute) && page.announced(key, minute).modified == Timestamp(seconds: 600))
        page.facts[key] = FileFacts(size: 7, modified: Timestamp(seconds: 613))
        #expect(
            page.announced(key, minute) == ListedEntry(name: "f", isFolder: false, size: 7, modified: Timestamp(seconds: 613)))
        #expect(try folder(.long).announced(key, minute).modified == nil)
        #expect(try !folder(.long).isRough(minute) && folder(.long, ftp: true).isRough(minute))
    }

    @Test("a file listed in another form, with another time, is the same file")
    func forms() throws {
        let home = try TemporaryFolder()
        let key = Array("f".utf8)
        let before = ListedEntry(name: "f", isFolder: false, size: 5, modified: Timestamp(seconds: 7_200), step: 60)
        var known = try KnownFolder("ftp://h/", in: home.path)
        try known.replace(by: [key: before], form: .long)
        func folder(_ entry: ListedEntry, _ form: ListingForm) -> PolledFolder {
            PolledFolder(known: known, listed: [key: entry], listing: Listing(form: form), lost: [], verdict: .gone)
        }
        let same = ListedEntry(name: "f", isFolder: false, size: 5, modified: Timestamp(seconds: 3_607))
        #expect(!folder(same, .machine).isNew(key, same) && folder(same, .long).isNew(key, same))
        #expect(folder(same, .machine).remembered(missed: [], confirmed: [], isStopped: false) == [key: same])
        let larger = ListedEntry(name: "f", isFolder: false, size: 6, modified: Timestamp(seconds: 3_607))
        #expect(folder(larger, .machine).isNew(key, larger))
    }
}

/// When a walk goes in a ring.
@Suite("the way of a walk")
struct WalkTrailTests {
    private func listing(_ mark: UInt8, count: Int = 2, tellsApart: Bool = true) -> Listing {
        var listing = Listing(form: .page)
        (listing.mark, listing.count, listing.tellsApart) = ([mark], count, tellsApart)
        return listing
    }

    @Test("a folder that lists the same files as one above it leads back; empty ones, and those beside it, do not")
    func files() {
        let top = WalkTrail("", mark: [1], in: nil)
        let below = WalkTrail("a/", mark: [2], in: top)
        #expect(top.leadsBack(listing(1)) == WalkTrail.Return(path: "", isCertain: true))
        #expect(below.leadsBack(listing(1)) == WalkTrail.Return(path: "", isCertain: true))
        #expect(below.leadsBack(listing(2)) == WalkTrail.Return(path: "a/", isCertain: true))
        #expect(below.leadsBack(listing(3)) == nil && below.leadsBack(listing(1, count: 0)) == nil)
    }

    @Test("folders of folders may look alike, as caches do, but not without an end")
    func folders() {
        var trail = WalkTrail("", mark: [1], in: nil)
        #expect(trail.leadsBack(listing(1, tellsApart: false)) == nil)
        trail = WalkTrail("0/", mark: [1], in: trail)
        #expect(trail.leadsBack(listing(1, tellsApart: false)) == nil)
        trail = WalkTrail("0/0/", mark: [1], in: trail)
        #expect(trail.leadsBack(listing(1, tellsApart: false)) == WalkTrail.Return(path: "", isCertain: false))
    }
}
