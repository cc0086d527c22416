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

    func events(_ value: String) -> Result {
        guard component == .watch else { return .none("removals are announced with 'remove'") }
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
}
