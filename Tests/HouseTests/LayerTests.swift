import DDTestSupport
import Testing

/// Which folder of DDCore may know which. A folder uses names of its own and of those above it in this table, so there are no circles.
@Suite("the layers")
struct LayerTests {
    /// From low to high. What each holds stands in `Sources/README.md`.
    static let rooms = [
        "Text", "System", "Fingerprint", "Message", "Broker", "Files", "Config", "Blocks", "Transfer", "Listing", "Watch", "Pump",
        "Acquire", "Seal",
        "Announce", "Reports", "Admission", "Flows", "Daemon", "Admin",
    ]

    /// The files of DDCore, each with its lines.
    private static let files = Dictionary(
        grouping: House.sources.filter { $0.file.hasPrefix("DDCore/") }, by: \.file)

    private static func room(of file: String) -> Substring { file.split(separator: "/")[1] }

    @Test("every folder of DDCore has its place in the table, and each in the table is there")
    func table() {
        let found = Set(Self.files.keys.map { String(Self.room(of: $0)) })
        #expect(found.sorted() == Self.rooms.sorted())
        let page = House.lines(below: "Sources").filter { $0.file == "README.md" }.map(\.text)
        for room in Self.rooms {
            #expect(
                page.contains { $0.split(separator: " ").first == "\(room)/" }, "Sources/README.md does not say what \(room)/ is")
        }
    }

    @Test("no file uses a name of a folder above its own")
    func order() throws {
        let level = Dictionary(uniqueKeysWithValues: Self.rooms.enumerated().map { (Substring($1), $0) })
        var homes: [Substring: Int] = [:]
        for (file, lines) in Self.files {
            for line in lines { if let name = Self.declared(line.text) { homes[name] = level[Self.room(of: file)] } }
        }
        // If this finds nothing, the test below finds nothing either.
        #expect(homes["Post"] == level["Message"] && homes["Pump"] == level["Pump"])
        #expect(Self.names(in: #"    let a = Post.b("Pump \(Lane.c) Job"), d: Ledger // Gates"#) == ["Post", "Lane", "Ledger"])
        for (file, lines) in Self.files {
            let own = try #require(level[Self.room(of: file)])
            // A nested type may have the name of one elsewhere.
            let nested = Set(lines.compactMap { Self.declared($0.text.drop { $0 == " " }) })
            for line in lines {
                for name in Self.names(in: line.text) where !nested.contains(name) {
                    guard let home = homes[name], home > own else { continue }
                    #expect(Bool(false), "\(line): \(name) belongs to \(Self.rooms[home]), which is above \(Self.rooms[own])")
                }
            }
        }
    }

    @Test("each file that Sources/README.md names is there")
    func page() {
        let paths = Set(House.sources.map { "/" + $0.file })
        for line in House.lines(below: "Sources") where line.file == "README.md" {
            for match in line.text.matches(of: /`([A-Za-z+\/]+\.swift)`/) {
                #expect(paths.contains { $0.hasSuffix("/\(match.1)") }, "\(line): \(match.1)")
            }
        }
    }

    @Test("a folder holds no more than 25 files of its own")
    func width() {
        let counts = Dictionary(grouping: Set(House.sources.map(\.file))) {
            $0.split(separator: "/").dropLast().joined(separator: "/")
        }
        for (folder, files) in counts { #expect(files.count <= 25, "\(folder) has \(files.count) files") }
    }

    /// The type that a line declares which begins with its declaration.
    private static func declared(_ line: some StringProtocol) -> Substring? {
        guard let first = line.utf8.first, first != UInt8(ascii: " "), first != UInt8(ascii: "/") else { return nil }
        let words = Substring(line).split(whereSeparator: { " :<({".contains($0) })
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "actor", "typealias"]
        let modifiers: Set<Substring> = ["public", "package", "final", "indirect", "private", "fileprivate"]
        guard let kind = words.firstIndex(where: kinds.contains), kind + 1 < words.count else { return nil }
        return words[..<kind].allSatisfy { modifiers.contains($0) || $0.hasPrefix("@") } ? words[kind + 1] : nil
    }

    /// The words of a line of code that begin with a capital letter and are no members of anything: not those of a comment, nor those of a
    /// string, but for what is interpolated in it.
    private static func names(in line: String) -> [Substring] {
        var found: [Substring] = []
        /// One for each string that has begun: the brackets that are open in its interpolation, 0 while its text is read.
        var strings: [Int] = []
        let bytes = line.utf8
        var index = bytes.startIndex
        var last: UInt8 = 0
        func isWord(_ byte: UInt8) -> Bool {
            (65...90).contains(byte) || (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "_")
        }
        while index < bytes.endIndex {
            let byte = bytes[index]
            let next = bytes.index(after: index)
            let follower = next < bytes.endIndex ? bytes[next] : 0
            if let depth = strings.last, depth == 0 {
                if byte == UInt8(ascii: "\\"), follower == UInt8(ascii: "(") {
                    strings[strings.count - 1] = 1
                    index = bytes.index(after: next)
                } else if byte == UInt8(ascii: "\\"), follower != 0 {
                    index = bytes.index(after: next)
                } else {
                    if byte == UInt8(ascii: "\"") { strings.removeLast() }
                    index = next
                }
                last = byte
                continue
            }
            switch byte {
            case UInt8(ascii: "/") where follower == UInt8(ascii: "/"): return found
            case UInt8(ascii: "\""): strings.append(0)
            case UInt8(ascii: "(") where !strings.isEmpty: strings[strings.count - 1] += 1
            case UInt8(ascii: ")") where !strings.isEmpty: strings[strings.count - 1] -= 1
            case _ where isWord(byte):
                let end = bytes[index...].firstIndex { !isWord($0) } ?? bytes.endIndex
                if (65...90).contains(byte), last != UInt8(ascii: ".") { found.append(line[index..<end]) }
                last = byte
                index = end
                continue
            default: break
            }
            last = byte
            index = next
        }
        return found
    }
}
