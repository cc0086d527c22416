/// Values that are written in another way here.
extension FieldConversion {
    /// An option that is called the same, or has no counterpart.
    func byName(_ name: String, _ value: String) -> Result {
        if let why = FieldOptions.absence(of: name) { return .none(why) }
        let found = component.table?.options.first { $0.inFile && FieldOptions.normal($0.name) == name }
        let translated = found?.name ?? FieldOptions.counterpart(of: name, in: component.table)
        guard let translated else { return .none("there is no such option here") }
        guard translated != "heartbeat", translated != "remove" || name != "delete" else {
            return .none("it means something else here")
        }
        let isSwitch = component.table?.option(named: translated)?.kind == .bool
        return ours(translated, isSwitch ? (bool(value) ? "on" : "off") : value)
    }

    func postPrefix(_ value: String) -> Result {
        ours("topic_prefix", value.hasPrefix("v03") ? "v02" + value.dropFirst(3) : value)
    }

    func rule(_ name: String, _ words: [String]) -> Result {
        guard has(name) else {
            return .none("\(component.program ?? "") posts what it is given: consumers select")
        }
        guard let pattern = words.first else { return .none("there is no pattern") }
        guard words.count == 1 else {
            guard case .lines(let lines) = ours(name, pattern) else { return ours(name, pattern) }
            return .lines(["# without \(words.dropFirst().joined(separator: " ")), which does not exist here"] + lines)
        }
        return ours(name, pattern)
    }

    /// Ours is matched from the start of the path, theirs anywhere: the same where it begins with `.*` or `^`.
    func strip(_ value: String) -> Result {
        guard Int(value) == nil else { return ours("strip", value) }
        guard component != .winnow, component != .shovel else {
            return .none("strip is a number of directories here, no pattern")
        }
        guard value.hasPrefix(".*") || value.hasPrefix("^") else {
            return .none("patterns are matched from the start of the path here: begin it with .*")
        }
        if let fault = Pattern.fault(in: value) { return .none(fault) }
        return ours("strip", value.hasPrefix("^") ? String(value.dropFirst()) : value)
    }

    func events(_ value: String) -> Result {
        let words = Set(value.lowercased().split(whereSeparator: { $0 == "," || $0 == " " || $0 == "|" }).map(String.init))
        if component == .post || component == .cpost {
            return words.contains("delete")
                ? ours("remove", "on") : .same("what is there is announced; removals are, with 'remove'")
        }
        guard component == .watch else {
            guard has("remove") else { return .none("removals are carried on as they come") }
            return words.contains("delete") ? ours("remove", "on") : .same("removals are not carried out without 'remove'")
        }
        var events: Set<String> = []
        for word in value.split(whereSeparator: { $0 == "," || $0 == " " || $0 == "|" }) {
            switch word.lowercased() {
            case "create", "modify", "write", "rename": events.insert("file")
            case "link", "symlink": events.insert("link")
            case "mkdir", "rmdir": events.insert("directory")
            case "delete": events.insert("remove")
            case "all": events.formUnion(["file", "link", "directory", "remove"])
            default: return .none("'\(word)' is no event here")
            }
        }
        return ours("events", events.sorted().joined(separator: ","))
    }

    func sum(_ value: String) -> Result {
        let method = value.split { $0 == "," || $0 == " " }.map { $0.lowercased() }
        let names = ["md5": "d", "md5name": "n", "sha512": "s", "none": "0", "arbitrary": "0", "random": "0"]
        let last = names[method.last ?? ""] ?? method.last ?? "d"
        let isLater = method.count > 1 && (method[0] == "z" || method[0] == "cod")
        if component == .poll {
            return ours("sum", isLater || last != "0" ? (last == "s" ? "c=sha512" : "c=md5") : "0")
        }
        return ours("sum", isLater ? (last == "s" ? "c=sha512" : "c=md5") : last)
    }

    func parts(_ value: String) -> Result {
        switch value {
        case "0": ours("parts", "auto")
        case "1": ours("parts", "1")
        default: ours("parts", value.first?.isNumber == true ? "i,\(value)" : value)
        }
    }

    /// Their periodic work logs figures.
    mutating func figures(_ value: String) -> Result {
        guard has("log_figures") else { return .same("it ends when all is announced") }
        guard let time = Values.duration(value.lowercased(), bareUnit: .seconds), time > .zero else {
            return .same("no figures are logged")
        }
        guard !hasFigures else { return .same("log_figures is above") }
        hasFigures = true
        return ours("log_figures", value.lowercased())
    }

    /// `set CLASS.logLevel LEVEL`: the level of one part. Here it is one for all parts.
    func level(_ words: [String]) -> Result {
        guard words.count == 2, words[0].lowercased().hasSuffix(".loglevel") else {
            return byName("set", words.joined(separator: " "))
        }
        guard words[1].lowercased() == "debug" else {
            return .same("log_level is for all parts, and notes what goes wrong in each")
        }
        return seen.contains("loglevel") || seen.contains("debug")
            ? .same("log_level is for all parts") : .lines(["# for all parts", "log_level debug"])
    }
}
