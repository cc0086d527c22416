import DDCore

/// `dd_switch quarantine list|release|remove CONFIG [ID…]`: the files that dd_sara has kept aside because `on_file` refused them.
enum QuarantineCommand {
    static func run(_ words: [String]) -> Int32 {
        Program.run("dd_switch") { _, environment in
            guard words.count >= 2, ["list", "release", "remove"].contains(words[0]) else {
                throw ConfigError(.usage, "quarantine list|release|remove CONFIG [ID...] is expected; see dd_switch help")
            }
            guard case .run(let options) = try SaraOptions.load(arguments: [words[1]], environment: environment) else {
                throw ConfigError(.usage, "quarantine: '\(words[1])' is no configuration of dd_sara")
            }
            let quarantine = Quarantine(options.admission.quarantine)
            if words[0] == "list" { return try list(quarantine, options.common.log) }
            return try each(words.dropFirst(2), in: quarantine, options, words[0] == "release" ? release : remove)
        }
    }

    /// A line for each: id, when, whose, bytes, path, why.
    private static func list(_ quarantine: Quarantine, _ log: Log) throws -> Int32 {
        let (items, unreadable) = try quarantine.contents()
        let status = Program.printed(
            items.map { item in
                let size = item.size.map { String($0) } ?? "gone"
                return [item.id, String(item.time.wire.prefix(14)), item.source, size, item.relpath, item.reason]
                    .map { LogLine.plain($0) }.joined(separator: "\t") + "\n"
            }.joined())
        for name in unreadable {
            log.error("\(quarantine.folder)/\(name) is no file that was kept aside, or its about.json cannot be read")
        }
        return unreadable.isEmpty ? status : ExitStatus.failed
    }

    private static func each(
        _ ids: ArraySlice<String>, in quarantine: Quarantine, _ options: SaraOptions,
        _ act: (Quarantine.Item, Quarantine, SaraOptions) throws -> Void
    ) throws -> Int32 {
        guard !ids.isEmpty else { throw ConfigError(.usage, "name what is meant: dd_switch quarantine list shows the ids") }
        var status = ExitStatus.done
        for id in ids {
            do {
                guard let item = quarantine.item(id) else { throw SwitchError("there is no '\(id)' in \(quarantine.folder)") }
                try act(item, quarantine, options)
            } catch let error as BrokerError {
                throw error
            } catch {
                options.common.log.error("\(error)")
                status = ExitStatus.failed
            }
        }
        return status
    }

    private static func release(_ item: Quarantine.Item, _ quarantine: Quarantine, _ options: SaraOptions) throws {
        try quarantine.release(item, options)
        _ = Program.printed("released \(item.relpath)\n")
    }

    private static func remove(_ item: Quarantine.Item, _ quarantine: Quarantine, _ options: SaraOptions) throws {
        try quarantine.forget(item)
        _ = Program.printed("removed \(item.relpath)\n")
    }
}
