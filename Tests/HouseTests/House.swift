import DDCore
import DDTestSupport

/// The project's files, as the house tests read them.
enum House {
    /// One line of a file.
    struct Line: CustomStringConvertible {
        /// The path below the folder that was asked for.
        let file: String
        /// Counted from 1.
        let number: Int
        let text: String

        var description: String { "\(file):\(number)" }

        /// The line without what follows `//`.
        var code: String {
            guard let comment = text.firstRange(of: "//") else { return text }
            return String(text[..<comment.lowerBound])
        }

        /// The module of an import declaration, whatever stands before `import`.
        var importedModule: String? {
            let words = code.split(separator: " ")
            guard let index = words.firstIndex(of: "import"), index + 1 < words.count else { return nil }
            let levels: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
            let before = words[..<index].allSatisfy { $0.hasPrefix("@") || levels.contains($0) }
            return before ? words[words.count - 1].split(separator: ".").first.map(String.init) : nil
        }
    }

    /// The project's folder: the one above this file that has the package's manifest.
    static let root: String = {
        var folder = Substring(#filePath)
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            if TemporaryFolder.names(in: String(folder)).contains("Package.swift") { break }
        }
        return String(folder)
    }()

    /// Every line of our Swift sources, tests apart.
    static let sources = lines(below: "Sources").filter { $0.file.hasSuffix(".swift") }

    /// The names of the pages in `man`.
    static var manualPages: [String] {
        TemporaryFolder.names(in: root + "/man").filter { $0.split(separator: ".").last.flatMap { Int($0) } != nil }
    }

    /// Every line of every file below a folder of the project; none when it is absent.
    static func lines(below folder: String) -> [Line] {
        TemporaryFolder.tree(root + "/" + folder).flatMap { file in
            let text = SmallFile.text("\(root)/\(folder)/\(file)") ?? ""
            return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, text in
                Line(file: file, number: index + 1, text: String(text))
            }
        }
    }

    /// The options `--name` of a help text, without the dashes.
    static func longOptions(help: String) -> Set<String> {
        Set(help.matches(of: /(?:^|[^A-Za-z0-9_-])--([a-z0-9][a-z0-9_]*)/).map { String($0.1) })
    }

    /// The options that a page in mdoc describes: `-name` or `\-\-name` after the macro `Fl`, of which the first dash is mdoc's.
    static func longOptions(manual: String) -> Set<String> {
        Set(manual.matches(of: /\bFl +(?:\\?-)(?:\\&)?([a-z0-9][a-z0-9_]*)/).map { String($0.1) })
    }
}
