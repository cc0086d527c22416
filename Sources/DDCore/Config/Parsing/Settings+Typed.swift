/// Typed values. Where nothing was set the table's default is read; without one, `...IfAny` is `nil` and the others throw.
extension Settings {
    private func setting(_ name: String) -> Setting? {
        if let given = given(name) { return given }
        return table.option(named: name)?.defaultText.map { Setting(name: name, value: $0, origin: .builtIn) }
    }

    private func required(_ name: String) throws(ConfigError) -> Setting {
        if let setting = setting(name) { return setting }
        throw ConfigError(.usage, "\(name) is needed: give --\(name), or '\(name)' in the configuration")
    }

    private func value<Value>(
        _ name: String, _ expected: String, _ read: (String) -> Value?
    ) throws(ConfigError) -> Value {
        let setting = try required(name)
        guard let value = read(setting.value) else { throw bad(setting, expected) }
        return value
    }

    /// Text.
    public func text(_ name: String) throws(ConfigError) -> String { try required(name).value }

    /// Text, where it was given.
    public func textIfAny(_ name: String) -> String? { given(name)?.value }

    /// All texts of a repeatable option; the default when none was given.
    public func texts(_ name: String) -> [String] {
        let all = all(name)
        return all.isEmpty ? setting(name).map { [$0.value] } ?? [] : all.map(\.value)
    }

    /// The words of a list that is written with commas.
    public func words(_ name: String) -> [String] {
        (given(name)?.value ?? "").split(separator: ",").map { String($0.trimmed) }.filter { !$0.isEmpty }
    }

    /// A boolean.
    public func bool(_ name: String) throws(ConfigError) -> Bool { try value(name, "on or off is expected", Values.bool) }

    /// A boolean, where it was given.
    public func boolIfAny(_ name: String) throws(ConfigError) -> Bool? { given(name) == nil ? nil : try bool(name) }

    /// A whole number, in the range of its option.
    public func integer(_ name: String) throws(ConfigError) -> Int {
        guard case .integer(let range)? = table.option(named: name)?.kind else {
            return try value(name, "a number is expected") { Int($0) }
        }
        return try value(name, "a whole number from \(range.lowerBound) is expected") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A whole number, where it was given.
    public func integerIfAny(_ name: String) throws(ConfigError) -> Int? { given(name) == nil ? nil : try integer(name) }

    /// A size in bytes.
    public func size(_ name: String) throws(ConfigError) -> Int64 { try value(name, "a size like 1M is expected", Values.size) }

    /// A time span.
    public func duration(_ name: String) throws(ConfigError) -> Duration {
        let unit = bareUnit(name)
        return try value(name, "a time like 30s, 5m or 1w is expected") { Values.duration($0, bareUnit: unit) }
    }

    /// A time span; `nil` for `none`, or where nothing was given and there is no default.
    public func durationIfAny(_ name: String) throws(ConfigError) -> Duration? {
        guard let setting = setting(name), setting.value != "none" else { return nil }
        return try duration(name)
    }

    /// How long to wait; `nil` for `forever`.
    public func wait(_ name: String) throws(ConfigError) -> Duration? {
        try required(name).value == "forever" ? nil : try duration(name)
    }

    /// One of the words of a type.
    public func choice<Word: RawRepresentable>(_ name: String, as type: Word.Type) throws(ConfigError) -> Word
    where Word.RawValue == String {
        try value(name, "the value is not known") { Word(rawValue: $0) }
    }

    /// A broker, completed from `credentials`. Throws when its user has no password.
    public func broker(_ name: String, _ credentials: Credentials) throws(ConfigError) -> BrokerURL {
        try broker(try required(name), credentials)
    }

    /// The brokers of a repeatable option, at least one. Throws for one that is written twice.
    func brokers(_ name: String, _ credentials: Credentials) throws(ConfigError) -> [BrokerURL] {
        var found: [BrokerURL] = []
        _ = try required(name)
        for setting in all(name) {
            let url = try broker(setting, credentials)
            if found.contains(where: { ($0.host, $0.port, $0.vhost) == (url.host, url.port, url.vhost) }) {
                throw ConfigError(at: setting.origin, "\(url) is written twice")
            }
            found.append(url)
        }
        return found
    }

    private func broker(_ setting: Setting, _ credentials: Credentials) throws(ConfigError) -> BrokerURL {
        let url = try account(setting, credentials)
        guard !url.password.isEmpty else {
            throw ConfigError(at: setting.origin, "no password for \(url): \(credentials.remedy)")
        }
        return url
    }

    /// A broker, completed from `credentials` where they know its user.
    func account(_ setting: Setting, _ credentials: Credentials) throws(ConfigError) -> BrokerURL {
        do throws(ConfigError) {
            return try BrokerURL(credentials.complete(try URLParts(setting.value)))
        } catch { throw error.placed(at: setting.origin) }
    }

    /// All `allow_url`.
    public func allowedURLs(withSource: Bool) throws(ConfigError) -> [AllowedURL] {
        var urls: [AllowedURL] = []
        for setting in all("allow_url") {
            do throws(ConfigError) {
                urls.append(try AllowedURL(setting.value, withSource: withSource))
            } catch { throw error.placed(at: setting.origin) }
        }
        return urls
    }

    /// Runs `read` on a setting's value and says the place of what it throws.
    func read<Value>(
        _ name: String, _ read: (String) throws(ConfigError) -> Value
    ) throws(ConfigError) -> Value {
        let setting = try required(name)
        do throws(ConfigError) { return try read(setting.value) } catch { throw error.placed(at: setting.origin) }
    }

    private func bareUnit(_ name: String) -> Values.BareUnit {
        if case .duration(let unit)? = table.option(named: name)?.kind { return unit }
        return .seconds
    }
}
