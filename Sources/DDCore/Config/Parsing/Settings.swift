/// The settings of one run of a program, in the order in which they count, checked against its option table.
public struct Settings: Sendable {
    /// The table that the settings were checked against.
    public let table: OptionTable
    /// What holds, after the command line has replaced the file's and the file `default.conf`'s.
    public private(set) var list: [Setting]
    /// What the user is told about settings that were taken as meant though written otherwise.
    public private(set) var warnings: [String] = []

    /// Puts layers together, the weakest first (`default.conf`, the configuration, the command line).
    ///
    /// A layer that gives a repeatable option replaces the list of the weaker layers; one that gives accept, reject or directory
    /// replaces all their lines of these three.
    public init(table: OptionTable, layers: [[Setting]]) {
        self.table = table
        list = []
        let rules = Set(table.options.filter(\.isRule).map(\.name))
        for layer in layers {
            var replaced = Set(layer.map(\.name))
            if !replaced.isDisjoint(with: rules) { replaced.formUnion(rules) }
            list.removeAll { replaced.contains($0.name) }
            list += layer
        }
        for setting in list {
            guard let spelling = setting.spelling, let option = table.option(named: setting.name),
                !option.aliases.contains(spelling.replacing("-", with: "_"))
            else { continue }
            warnings.append("\(setting.origin): '\(spelling)' is understood as '\(option.name)'")
        }
    }

    /// Replaces `${...}` in all values. The broker's user is known once `broker` has been expanded; `credentials` complete it.
    mutating func expand(_ expansion: Expansion, credentials: Credentials) throws(ConfigError) {
        var expansion = expansion
        if let index = brokerIndex {
            try expand(at: index, expansion)
            expansion.brokerUser = try account(list[index], credentials).user
        }
        for index in list.indices { try expand(at: index, expansion) }
    }

    /// Of several brokers the first is the one whose user `${BROKER_USER}` names.
    private var brokerIndex: Int? {
        let isBroker = { (setting: Setting) in setting.name == "broker" }
        return table.option(named: "broker")?.repeatable == true
            ? list.firstIndex(where: isBroker) : list.lastIndex(where: isBroker)
    }

    private mutating func expand(at index: Int, _ expansion: Expansion) throws(ConfigError) {
        let setting = list[index]
        guard setting.value.contains("${") else { return }
        do throws(ConfigError) {
            let keepDates = table.option(named: setting.name)?.kind == .template
            list[index].value = try expansion.expand(setting.value, keepDates: keepDates)
        } catch { throw error.placed(at: setting.origin) }
    }

    /// Takes the words of the topic prefix off the front of the option `name`, a list of words of topics behind it. Throws where those of
    /// another form stand there.
    mutating func readTopicWords(_ name: String) throws(ConfigError) {
        let prefix = try text("topic_prefix")
        for index in list.indices where list[index].name == name {
            list[index].value = try TopicWords.read(list[index], prefix: prefix, warnings: &warnings)
        }
    }

    /// Checks every value against its option's kind; the first that is wrong is thrown with its place.
    func check() throws(ConfigError) {
        for setting in list {
            guard let option = table.option(named: setting.name), let fault = option.fault(in: setting.value) else { continue }
            // The text about a pattern quotes it already, with the place in it.
            throw option.kind == .pattern ? ConfigError(at: setting.origin, "\(setting.name): \(fault)") : bad(setting, fault)
        }
    }

    /// An error about a setting's value, with its place.
    func bad(_ setting: Setting, _ reason: String) -> ConfigError {
        let name = setting.origin == .commandLine ? "--\(setting.name)" : "'\(setting.name)'"
        return ConfigError(at: setting.origin, "bad value '\(Redaction.masked(setting.value))' for \(name): \(reason)")
    }

    /// The setting that holds for an option that is not repeatable: the last one written.
    public func given(_ name: String) -> Setting? { list.last { $0.name == name } }

    /// All settings of a repeatable option, in order.
    public func all(_ name: String) -> [Setting] { list.filter { $0.name == name } }

    /// Accept, reject and directory in their common order.
    public var rules: [SelectionRule] {
        list.compactMap { setting in
            switch setting.name {
            case "accept": .accept(setting.value)
            case "reject": .reject(setting.value)
            case "directory": .directory(setting.value)
            default: nil
            }
        }
    }
}
