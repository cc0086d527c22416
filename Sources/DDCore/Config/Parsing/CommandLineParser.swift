/// A command line taken apart.
public struct ParsedCommandLine: Sendable, Equatable {
    /// The options in order, values not yet checked.
    public var settings: [Setting] = []
    /// What is no option.
    public var operands: [String] = []
    /// Where the operands stand among the arguments.
    public var operandIndices: [Int] = []
    /// `--help` was given.
    public var wantsHelp = false
    /// `--version` was given.
    public var wantsVersion = false
}

/// Takes arguments apart by an option table.
///
/// `--name value`, `--name=value`, `-short value`. A boolean takes its value only as `--name=off`. `--` ends the options, `-`
/// alone is an operand, `-` and `_` are the same within long names.
public struct CommandLineParser: Sendable {
    /// The options that may be given.
    public let table: OptionTable

    /// A parser for one program's options.
    public init(_ table: OptionTable) {
        self.table = table
    }

    /// Takes `arguments`, without the program's name, apart. Every error is one of usage.
    public func parse(_ arguments: [String]) throws(ConfigError) -> ParsedCommandLine {
        var result = ParsedCommandLine()
        var rest = arguments[...]
        var unknown: [String] = []
        while let argument = rest.popFirst() {
            if argument == "--" {
                result.operands += rest
                result.operandIndices += rest.indices
                break
            }
            guard argument.hasPrefix("-") && argument != "-" else {
                result.operands.append(argument)
                result.operandIndices.append(rest.startIndex - 1)
                continue
            }
            guard let (option, attached) = find(argument) else {
                unknown.append(self.unknown(argument))
                continue
            }
            switch option.name {
            case "help": result.wantsHelp = true
            case "version": result.wantsVersion = true
            default:
                let value: String
                if let attached {
                    value = attached
                } else {
                    do throws(ConfigError) {
                        value = try self.value(of: option, spelled: argument, from: &rest)
                    } catch {
                        guard unknown.isEmpty else { continue }
                        throw error
                    }
                }
                result.settings.append(Setting(name: option.name, value: value, origin: .commandLine))
            }
        }
        guard unknown.isEmpty else { throw ConfigError(.usage, unknown.joined(separator: "; ")) }
        return result
    }

    /// What is said of an option that the program has not.
    private func unknown(_ argument: String) -> String {
        let spelled = argument.prefix { $0 != "=" }
        let name = CommandLineParser.normal(spelled.drop { $0 == "-" })
        let text = "unknown option '\(Redaction.masked(String(spelled)))'"
        if let advice = FieldOptions.advice(for: name, in: table, inFile: false) { return "\(text) (\(advice))" }
        guard let nearest = table.nearestName(to: name, inFile: false) else {
            return "\(text); \(table.program) --help lists them"
        }
        return "\(text) (did you mean '--\(nearest)'?)"
    }

    private func find(_ argument: String) -> (option: OptionSpec, attached: String?)? {
        guard argument.hasPrefix("--") else {
            return table.option(short: String(argument.dropFirst())).map { ($0, nil) }
        }
        let body = argument.dropFirst(2)
        let name = body.prefix { $0 != "=" }
        guard let option = table.understood(CommandLineParser.normal(name)) else { return nil }
        return (option, name.count == body.count ? nil : String(body.dropFirst(name.count + 1)))
    }

    private func value(
        of option: OptionSpec, spelled argument: String, from rest: inout ArraySlice<String>
    ) throws(ConfigError) -> String {
        if option.kind == .bool {
            if let word = rest.first, Values.bool(word) != nil, !Path.isFile(word) {
                throw ConfigError(.usage, "a value of '\(argument)' is written \(argument)=\(word)")
            }
            return "on"
        }
        // A value may begin with `-`, but not be another option: that is a forgotten value.
        guard let next = rest.first, next != "--", next == "-" || !next.hasPrefix("-") || find(next) == nil else {
            throw ConfigError(
                .usage, "option '\(argument)' needs a value\(option.valueName.isEmpty ? "" : " \(option.valueName)")")
        }
        rest.removeFirst()
        return next
    }

    private static func normal(_ name: Substring) -> String {
        String(name.map { $0 == "-" ? "_" : $0 })
    }
}
