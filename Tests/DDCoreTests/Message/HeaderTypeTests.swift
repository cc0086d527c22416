import Testing

@testable import DDCore

@Suite("headers of ours that are no strings")
struct HeaderTypeTests {
    @Test("what can mean one thing only is understood")
    func understood() throws {
        let names = HeaderValue.list([.text("bob@HERE"), .text("eve@HERE")])
        for name in ["to_users", "to_clusters", "to", "via"] { #expect(try names.wire(of: name) == "bob@HERE,eve@HERE") }
        #expect(try HeaderValue.number("20261121000000").wire(of: "mtime") == "20261121000000")
        #expect(try HeaderValue.text("d,00").wire(of: "sum") == "d,00")
        #expect(try HeaderValue.nothing.wire(of: "parts") == nil)
        #expect(try HeaderValue.other("a table").wire(of: "of another tool") == nil)
        #expect(try HeaderValue.text("x").wire(of: "of another tool") == "x")
    }

    @Test(
        "all else is refused, and named",
        arguments: [
            ("to_users", HeaderValue.other("a table"), "a string or a list of names is expected"),
            ("to_users", .list([]), "names nobody"), ("to_users", .list([.text("")]), "empty"),
            ("to_users", .list([.text("a,b")]), "comma"), ("to_clusters", .list([.number("1")]), "it is a list"),
            ("sum", .list([.text("d,00")]), "it is a list, a string is expected"), ("mtime", .other("a table"), "it is a table"),
            ("mode", .number("420"), "it is a number"), ("parts", .other("a truth value"), "it is a truth value"),
            ("message", .list([.text("x")]), "it is a list"),
        ])
    func refused(_ name: String, _ value: HeaderValue, _ text: String) {
        let error = #expect(throws: MessageError.self) { try value.wire(of: name) }
        #expect(error?.code == .header && error?.text.contains(text) == true, "\(String(describing: error))")
    }

    @Test("every header of ours is refused as an object of JSON, and every one that is no list as a list")
    func everyHeader() {
        let names = [
            "parts", "sum", "mtime", "atime", "mode", "source", "from_cluster", "to_clusters", "to", "link", "rename", "oldname",
            "newname", "flow", "via", "posted_as", "retrieve", "in_blocks", "to_users",
        ]
        for name in names {
            let isList = HeaderList.names.contains(name)
            for member in ["{\"a\": \"b\"}", "true", "1.5"] + (isList ? ["[]", "[1]"] : ["[\"x\"]"]) {
                // What stands in a v03 body in the place of a v02 sum or parts is refused as what it is.
                #expect(throws: MessageError.self, "\(name) \(member)") { try read("\"\(name)\": \(member)") }
            }
        }
    }

    @Test("lists of names in a v03 body are read as names, and numbers by their digits")
    func members() throws {
        let post = try read(
            "\"to_users\": [\"bob@HERE\", \"eve@HERE\"], \"to_clusters\": [\"A\"], \"source\": 7, \"parts\": \"1,5\"")
        #expect(post.toUsers == ["bob@HERE", "eve@HERE"])
        #expect(post.toClusters == ["A"])
        #expect(post.source == "7")
        #expect(post.event == .file(.whole(size: 5), .none("")))
        #expect(
            try read("\"sum\": \"d,6f5902ac237024bdd0c176cb93063dc4\", \"size\": 5").event
                == .file(.whole(size: 5), try Sum(wire: "d,6f5902ac237024bdd0c176cb93063dc4")))
    }

    @Test(
        "what a v03 body says of the file is not taken for nothing",
        arguments: [
            "\"fileOp\": \"remove\"", "\"fileOp\": [\"remove\"]", "\"fileOp\": {\"link\": 5}",
            "\"fileOp\": {\"rename\": [\"a\"]}",
            "\"retrievePath\": 5", "\"retPath\": {}", "\"sum\": 1", "\"parts\": 1",
            "\"to_users\": \"bob\", \"to_users\": \"eve\"",
            "\"size\": 1, \"size\": 2",
        ])
    func body(_ members: String) {
        #expect(throws: MessageError.self) { try read(members) }
    }

    @Test("a list that is there and names nobody is refused, in every form", arguments: ["to_users", "to_clusters", "to", "via"])
    func nobody(_ name: String) throws {
        for value in [",", " , ", " "] + (name == "to_users" ? [""] : []) {
            for (topic, body) in [
                ("v02.post", "20261121000000 http://h/ a"), ("v00.dd.notify", "6f5902ac237024bdd0c176cb93063dc4 http://h/ a"),
                ("v01.post", "4 1 1 0 0 d 6f5902ac237024bdd0c176cb93063dc4 f http://h/ a"),
            ] {
                let message = WireMessage(topic: topic, headers: [name: value], body: body)
                #expect(throws: MessageError.self, "\(topic) '\(value)'") { try PostCodec.decode(message) }
            }
            #expect(throws: MessageError.self) { try read("\"\(name)\": \"\(value)\"") }
            let report = WireMessage(topic: "v02.log", headers: [name: value], body: "20261121000000 http://h/ a 201 h u 1")
            #expect(throws: MessageError.self) { try ReportCodec.decode(report) }
        }
    }

    private func read(_ members: String) throws(MessageError) -> Post {
        let body = "{\"pubTime\": \"20261121T000000\", \"baseUrl\": \"http://h/\", \"relPath\": \"d/a\", \(members)}"
        return try PostCodec.decode(WireMessage(topic: "v03.d", body: body))
    }
}
