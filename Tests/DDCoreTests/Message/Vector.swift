import DDCore
import Glibc
import Testing

/// A message kept as text in `Vectors/`, with what it must be read as.
///
///     # a comment
///     expect <kind> <size> [<status>] <relpath>
///     topic <topic>
///     header <name> <value>
///     body <body>, or line <body>: as the C tools end it, with a blank and a newline
///     (an empty line)
struct Vector: Sendable, CustomTestStringConvertible {
    /// File and line where it begins.
    let place: String
    /// The fields after `expect`.
    let expected: [String]
    let message: WireMessage

    var testDescription: String { place }

    /// All vectors of the file called `name`.
    static func all(_ name: String) -> [Vector] {
        var vectors: [Vector] = []
        var expected: [String] = []
        var message = WireMessage(topic: "", body: "")
        let lines = read(name).split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            let (key, rest) = cut(String(line))
            switch key {
            case "expect": expected = rest.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            case "topic": message.topic = rest
            case "header": message.headers[cut(rest).0] = cut(rest).1
            case "body": message.body = rest
            case "line": message.body = rest + " \n"
            case "" where !expected.isEmpty:
                // The relpath may hold spaces.
                let fields = message.topic.utf8.starts(with: "v02.report".utf8) ? 3 : 2
                expected[fields...] = [expected[fields...].joined(separator: " ")]
                vectors.append(Vector(place: "\(name):\(number)", expected: expected, message: message))
                (expected, message) = ([], WireMessage(topic: "", body: ""))
            default: break
            }
        }
        return vectors
    }

    /// All vectors of the files called `names`.
    static func all(in names: [String]) -> [Vector] {
        names.flatMap { all($0) }
    }

    private static func cut(_ line: String) -> (String, String) {
        guard let space = line.utf8.firstIndex(of: UInt8(ascii: " ")) else { return (line, "") }
        return (String(line[..<space]), String(line[line.utf8.index(after: space)...]))
    }

    /// The text of a file in `Vectors/`; empty when it cannot be read, which the count of vectors shows.
    private static func read(_ name: String) -> String {
        let directory = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        let descriptor = open("/\(directory)/Vectors/\(name)", O_RDONLY)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }
}
