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
            guard let text = SmallFile.text(file) else {
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

    private static func complain(_ text: String) -> Int32 {
        DDSwitch.complain(text)
        return ExitStatus.usage
    }
}
