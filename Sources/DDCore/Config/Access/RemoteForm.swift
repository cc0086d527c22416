/// What the form `host:path DESTINATION` changes in the defaults.
struct RemoteForm {
    /// The directories that are taken off the announced paths.
    let path: [String]
    /// Where files land. Absolute.
    let destination: String

    /// The name that stands for a configuration's in the queue's name: the same for the same account, path and destination, so
    /// that a second run goes on where the first was interrupted.
    func name(_ broker: BrokerURL, _ exchange: String) -> String {
        let text = [broker.description, exchange, path.joined(separator: "/"), destination].joined(separator: "\n")
        // FNV-1a, 64 bits: the name must not change between runs, as Swift's own hashes do.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for unit in text.utf8 { hash = (hash ^ UInt64(unit)) &* 0x0000_0100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return "direct_" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Whether `--plain` is given and not off; it is needed before the settings are put together.
    static func isPlain(_ commandLine: ParsedCommandLine) throws(ConfigError) -> Bool {
        guard let setting = commandLine.settings.last(where: { $0.name == "plain" }) else { return false }
        guard let plain = Values.bool(setting.value) else {
            throw ConfigError(.usage, "bad value '\(Redaction.masked(setting.value))' for --plain: on or off is expected")
        }
        return plain
    }
}
