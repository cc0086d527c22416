/// Which names a new account may have beside those that are there.
enum NameRules {
    /// How long the name of a removed account is not given again, in seconds: what is still under way in its name, and who still has a
    /// configuration with it, must not meet somebody else.
    static let rest: Int64 = 30 * 86_400

    /// Throws when `name` cannot be an account's, was removed a short time ago (but with `reuses`), or shares a prefix with one of `others`.
    static func check(
        _ name: String, others: some Sequence<String>, records: [UserRecord], reuses: Bool = false, now: Timestamp = .now()
    ) throws(ConfigError) {
        guard AccountName.isValid(name) else {
            throw ConfigError(
                .usage, "'\(LogLine.plain(name))' is no name for an account: 1 to 64 letters, digits, '-', '_', '.' or '@'")
        }
        guard !isFormerlyGenerated(name) else {
            throw ConfigError(
                .usage,
                "'\(name)' cannot be an account's name: queues of the switch that earlier versions made end so, and may still stand"
            )
        }
        for other in others where other != name && Permissions.collide(name, other) {
            throw ConfigError(
                .usage,
                "'\(name)' cannot be beside '\(other)': the queues of one would belong to the other, because one name is the other"
                    + " with '.' or '_' behind it")
        }
        if let removed = records.first(where: { $0.name == name })?.removed, now.seconds - removed.seconds < rest, !reuses {
            let days = (rest - (now.seconds - removed.seconds) + 86_399) / 86_400
            throw ConfigError(
                .usage,
                "'\(name)' was removed a short time ago: the name is free again in \(days) days, or at once with --reuse, when what is still"
                    + " under way in that name may reach the new user")
        }
    }

    /// Names with which the queue of a source would be one of the retry queues that earlier versions made: `again`, `retry.5s`.
    static func isFormerlyGenerated(_ name: String) -> Bool {
        name == "again" || name == "retry" || name.utf8.starts(with: "retry.".utf8)
    }
}
