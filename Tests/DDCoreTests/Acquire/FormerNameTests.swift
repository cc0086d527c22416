import Testing

@testable import DDCore

@Suite("renames in one post")
struct FormerNameTests {
    @Test("that the former name stays is said, in print")
    func said() {
        var post = Post(time: .now(), location: Location(base: "http://h/", relpath: "d/b"), event: .directory)
        #expect(post.formerName == "")
        post.oldname = "/www/d/a\u{1b}"
        #expect(post.formerName == "; renamed from '/www/d/a?', which stays here until its removal is posted")
    }
}
