import DDTestSupport
import Testing

@testable import DDCore

@Suite("what reports may be about")
struct ReportSubjectsTests {
    private func fault(
        _ subjects: ReportSubjects, _ relpath: String, base: String = "http://here/", source: String = "alice",
        _ event: Post.Event = .file(.whole(size: 1), .none("0"))
    ) -> String? {
        var post = Sample.post(relpath, base: base, event)
        post.source = source
        return subjects.fault(of: post)
    }

    @Test("what is said to be here must be here, and be the named source's")
    func here() throws {
        let folder = try TemporaryFolder()
        try folder.write("x", to: "20240229/alice/file")
        let subjects = ReportSubjects(urls: ["http://here"], root: folder.path)
        #expect(fault(subjects, "20240229/alice/file") == nil)
        #expect(fault(subjects, "20240229/alice/file", source: "bob") == "about a file of another source than it says")
        #expect(fault(subjects, "20240229/alice/other") == "about a file that is not here")
        #expect(fault(subjects, "../../etc/passwd") == "its path names no file")
        // A removal, a block and what went with its whole day leave nothing to be looked at.
        #expect(fault(subjects, "20240229/alice/other", .removed) == nil)
        let block = try Parts(method: .inplace, blockSize: 1, count: 3, remainder: 0, number: 0)
        #expect(fault(subjects, "20240229/alice/other", .file(block, .none("0"))) == nil)
        #expect(fault(subjects, "20240101/alice/gone") == nil)
        #expect(fault(subjects, "anything", base: "http://elsewhere/") == nil)
    }

    @Test("with only_here nothing else may be reported on")
    func onlyHere() throws {
        let folder = try TemporaryFolder()
        let subjects = ReportSubjects(urls: ["http://here/"], root: folder.path, onlyHere: true)
        #expect(fault(subjects, "anything", base: "http://elsewhere/") == "not about what is announced here")
        #expect(fault(subjects, "anything", base: "http://here/deeper/") != nil)
        #expect(fault(ReportSubjects(), "anything", base: "http://elsewhere/") == nil)
    }

    @Test("what is not routed is said singly at first, then in one line a minute")
    func counts() {
        var counts = ReportCounts(now: 0)
        let said = (0..<20).map { _ in counts.count("bob: too many") }
        #expect(said.count { $0 } == 5)
        #expect(counts.summary(now: 59) == nil)
        #expect(counts.summary(now: 60) == "reports not routed within a minute: bob: too many: 20")
        #expect(counts.summary(now: 200) == nil)
    }
}
