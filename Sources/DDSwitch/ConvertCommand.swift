import DDCore
import Glibc

/// `dd_switch convert`: configurations of the field's tools in our words, on standard output.
enum ConvertCommand {
    static let usage = """
        usage: dd_switch convert [--as COMPONENT] FILE...

        COMPONENT is what their program is called: \(FieldConversion.Component.allCases.map(\.rawValue).joined(separator: ", "));
        otherwise the folder that the file lies in says so. What has no counterpart stays as a comment that says why.
        """

    static func run(_ words: [String]) -> Int32 {
        var words = words
        if words.first == "--help" { return Program.printed(usage + "\n") }
        var given: FieldConversion.Component?
        if words.first == "--as" {
            guard words.count > 1, let component = FieldConversion.Component(rawValue: words[1]) else {
                return complain("--as takes one of \(FieldConversion.Component.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            given = component
            words.removeFirst(2)
        }
        guard !words.isEmpty, !words.contains(where: { $0.hasPrefix("--") }) else {
            return complain("FILEs are needed; convert --help says more")
        }
        var hasFailed = false
        for file in words {
            let folder = file.split(separator: "/").dropLast().last.map(String.init) ?? ""
            guard let component = given ?? FieldConversion.Component(rawValue: folder) else {
                _ = complain("\(file): say with --as what it is of; its folder does not")
                hasFailed = true
                continue
            }
            guard let text = whole(file) else {
                _ = complain("\(file) cannot be read as text: \(String(cString: strerror(errno)))")
                hasFailed = true
                continue
            }
            let conversion = FieldConversion(text, of: component)
            let program = component.program.map { "for \($0)" } ?? "of use to no program of ours"
            let head =
                "# \(file), \(program): \(conversion.counts.carried) of \(conversion.counts.lines) lines are carried over\n"
            _ = Program.printed(head + conversion.text)
        }
        return hasFailed ? ExitStatus.failed : ExitStatus.done
    }

    /// The text of a file with that of the files that it includes in place of the line, as far as they lie beside it; `nil` when it cannot be read.
    private static func whole(_ file: String, depth: Int = 0) -> String? {
        guard let text = SmallFile.text(file) else { return nil }
        let folder = file.lastIndex(of: "/").map { file[...$0] } ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard words.count == 2, words[0] == "include", depth < 8,
                let included = whole(words[1].hasPrefix("/") ? words[1] : folder + words[1], depth: depth + 1)
            else { return String(line) }
            let text = included.hasSuffix("\n") ? String(included.dropLast()) : included
            return "# from \(words[1]):\n\(text)\n# end of \(words[1])"
        }.joined(separator: "\n")
    }

    private static func complain(_ text: String) -> Int32 {
        DDSwitch.complain(text)
        return ExitStatus.usage
    }
}
