/// The options of one program.
public struct OptionTable: Sendable {
    /// The program's name, `dd_post`.
    public let program: String
    /// What follows the name on the usage lines, one entry per form.
    public let synopses: [String]
    /// All options, in the order of the help text.
    public let options: [OptionSpec]

    /// A table; names, aliases and short forms are expected to be unique in it.
    public init(program: String, synopses: [String], options: [OptionSpec]) {
        self.program = program
        self.synopses = synopses
        self.options = options + OptionTable.always
    }

    /// The program's name without `dd_`: the folder of its configurations.
    public var folder: String { program.hasPrefix("dd_") ? String(program.dropFirst(3)) : program }

    private static let always = [
        OptionSpec("help", ["h"], .bool, inFile: false, "show this and leave"),
        OptionSpec("version", [], .bool, inFile: false, "show the version and leave"),
    ]

    /// The option called `name` or one of its aliases, spelled with `_`.
    public func option(named name: String) -> OptionSpec? {
        options.first { $0.name == name || $0.aliases.contains(name) }
    }

    /// The same, or the option that one of the field's tools' names means in every respect (`queueName`: `queue`).
    func understood(_ name: String) -> OptionSpec? {
        if let option = option(named: name) { return option }
        return FieldOptions.same(as: name, in: program).flatMap { option(named: $0) }
    }

    /// The option with the short form `short`, without its `-`.
    public func option(short: String) -> OptionSpec? {
        options.first { $0.shorts.contains(short) }
    }

    /// The name or alias that is most like `name`, where one is alike enough to be meant.
    public func nearestName(to name: String, inFile: Bool) -> String? {
        let names = options.filter { !inFile || $0.inFile }.flatMap { [$0.name] + $0.aliases }
        return NearestName.of(name, among: names)
    }

    /// The text of `--help`: usage, then one line per option.
    public var help: String {
        var lines: [String] = []
        for (index, synopsis) in synopses.enumerated() {
            lines.append("\(index == 0 ? "usage:" : "      ") \(program) \(synopsis)")
        }
        lines.append("")
        let heads = options.map(OptionTable.head)
        let width = min(heads.map(\.count).max() ?? 0, 36)
        for (head, option) in zip(heads, options) {
            let gap = String(repeating: " ", count: max(width - head.count, 0) + 2)
            let standard = option.defaultText.map { " (default \($0))" } ?? ""
            lines.append("  \(head)\(gap)\(option.help)\(standard)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// How an option is spelled: `-b, --broker URL`.
    public static func head(_ option: OptionSpec) -> String {
        let spellings = option.shorts.map { "-\($0)" } + ["--\(option.name)"] + option.aliases.map { "--\($0)" }
        return spellings.joined(separator: ", ") + (option.valueName.isEmpty ? "" : " \(option.valueName)")
    }
}
