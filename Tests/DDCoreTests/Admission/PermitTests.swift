import DDTestSupport
import Testing

@testable import DDCore

@Suite("permits")
struct PermitTests {
    @Test("the header is read as it is written, and in no other form")
    func forms() throws {
        let group = String(repeating: "0a", count: 16)
        let wires = ["grant a/b", "revoke a b/c", "list", "set \(group) a/b"]
        for wire in wires { #expect(try Permit(wire: wire).wire == wire) }
        let bad = [
            "", "grant", "grant ", "list a", "give a", "set a", "set \(group)", "set \(group) ", "set \(group)0 a", "grant /a",
            "grant a//b",
            "grant a/", "GRANT a",
        ]
        for wire in bad { #expect(throws: MessageError.self, "\(wire)") { try Permit(wire: wire) } }
        var post = Sample.post("p/x", .removed)
        post.permit = try Permit(wire: "grant a/b")
        let message = try PostCodec.encode(post)
        #expect(try PostCodec.decode(message).permit?.tree == "a/b")
        // Without it, it would be a post like others.
        for value in ["", "x"] {
            var other = message
            other.headers["permit"] = value
            #expect(throws: MessageError.self) { try PostCodec.decode(other) }
        }
    }

    @Test("who has which tree is known to other processes at once, and what cannot be read is not nothing")
    func trees() throws {
        let folder = try TemporaryFolder()
        let (one, other) = (PrivateTrees(folder.path("t")), PrivateTrees(folder.path("t")))
        #expect(try one.tree(around: "a/b/c", of: "alice") == nil)
        #expect(try one.change(try Permit(wire: "revoke a"), of: "alice", ["bob@c"]) == nil)
        _ = try one.change(try Permit(wire: "grant a"), of: "alice", ["bob@c"])
        _ = try one.change(try Permit(wire: "grant a/b c"), of: "alice", ["dave@d"])
        #expect(try other.tree(around: "a/x", of: "alice")?.users == ["bob@c"])
        #expect(try other.tree(around: "/a//b c/x", of: "alice")?.name == "a/b c")
        for path in ["ab", "b/a", "", "A"] { #expect(try other.tree(around: path, of: "alice") == nil, "\(path)") }
        #expect(try other.tree(around: "a", of: "bob") == nil)
        let change = try other.change(try Permit(wire: "revoke a"), of: "alice", ["bob@c", "x@y"])
        #expect(change?.before == ["bob@c"] && change?.after == [])
        #expect(try one.tree(around: "a/x", of: "alice")?.users == [])
        let many = (0...PrivateTrees.mostUsers).map { "u\($0)@c" }
        #expect(throws: PrivateTrees.TooMany.self) { try one.change(try Permit(wire: "grant a"), of: "alice", many) }
        #expect(try one.tree(around: "a/x", of: "alice")?.users == [])
        try folder.write("nonsense\n", to: "t/alice")
        #expect(throws: ProcessError.self) { try one.tree(around: "a/x", of: "alice") }
    }
}
