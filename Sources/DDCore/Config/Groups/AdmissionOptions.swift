/// What dd_sara takes in, beyond whom and from where.
public struct AdmissionOptions: Sendable {
    /// Users, stops, quotas and URLs come over the switch's control stream.
    public let control: Bool
    /// What sources may use.
    public let quotas: [SourceQuota]
    /// What is above a quota on disk is refused; otherwise it waits.
    public let discardsOverQuota: Bool
    /// Patterns of names, as fnmatch(3) reads them.
    public let bannedNames: [String]
    /// Where files are kept aside that `on_file` refuses. Absolute.
    public let quarantine: String
    /// Where it is said who may fetch private data, for the web server. Absolute; `nil`: private posts are refused.
    public let privateAccounts: String?
    /// Daily trees of so many days before today are kept; `nil`: all.
    public let keptDays: Int?
    /// For so long nothing may have been written to an unfinished file; `nil`: it stays.
    public let unfinishedKeep: Duration?
    /// Files that are kept aside are removed after so long; `nil`: they stay.
    public let quarantineKeep: Duration?

    init(_ settings: Settings, _ common: CommonOptions, isFromSources: Bool, isDaily: Bool) throws(ConfigError) {
        control = try settings.bool("control")
        var quotas: [SourceQuota] = []
        for setting in settings.all("quota") {
            do throws(ConfigError) { quotas.append(try SourceQuota(setting.value)) } catch {
                throw settings.bad(setting, error.text)
            }
        }
        self.quotas = quotas
        discardsOverQuota = try settings.text("quota_full") == "discard"
        bannedNames = settings.all("ban_name").map(\.value)
        if let name = bannedNames.first(where: { $0.contains("/") }),
            let setting = settings.all("ban_name").first(where: { $0.value == name })
        {
            throw settings.bad(setting, "names of files and directories have no '/'")
        }
        quarantine =
            settings.textIfAny("quarantine").map(Path.absolute)
            ?? "\(common.stateHome)/\(common.program)/\(common.stateName.word).quarantine"
        privateAccounts = settings.textIfAny("private_accounts").map(Path.absolute)
        keptDays = try Self.days(settings)
        unfinishedKeep = try settings.durationIfAny("unfinished_keep")
        quarantineKeep = try settings.durationIfAny("quarantine_keep")
        for name in ["control", "quota"] where settings.given(name) != nil && !isFromSources {
            throw ConfigError(
                at: settings.given(name)?.origin ?? .builtIn, "\(name) is about sources: it needs source_from_exchange on")
        }
        if keptDays != nil && !isDaily {
            throw ConfigError(at: settings.given("keep")?.origin ?? .builtIn, "keep is about daily trees: it needs mirror off")
        }
        let setting = settings.all("quota").first { (try? SourceQuota($0.value)).map { $0.quota.bytes ?? $0.quota.files } != nil }
        if let setting, !isDaily {
            throw settings.bad(setting, "bytes and files are counted in daily trees, which need mirror off")
        }
    }

    private static func days(_ settings: Settings) throws(ConfigError) -> Int? {
        guard let setting = settings.given("keep") else { return nil }
        // A bare number is days: nothing shorter can be meant.
        if let days = Int(setting.value), 1...36_500 ~= days { return days }
        guard let time = try settings.durationIfAny("keep") else { return nil }
        let (days, rest) = time.components.seconds.quotientAndRemainder(dividingBy: 86_400)
        guard rest == 0, days > 0 else { throw settings.bad(setting, "whole days are expected, like 10d") }
        return Int(days)
    }

    static let options = [
        OptionSpec(
            "control", [], .bool, default: "off", "users, stops, quotas come over the switch's control stream (xctl)"),
        OptionSpec(
            "quota", [], .text, repeatable: true, value: "[SOURCE] bytes=SIZE files=N rate=SIZE messages=N",
            "what a source may have on disk and send per second"),
        OptionSpec(
            "quota_full", [], .choice(["hold", "discard"]), value: "hold|discard", default: "hold",
            "what is above a quota on disk waits, or is refused"),
        OptionSpec("ban_name", [], .text, repeatable: true, value: "PATTERN", "refuse names of files and directories like *.exe"),
        OptionSpec(
            "quarantine", [], .text, value: "DIR", "where files are kept aside that on_file refuses (default in the state)"),
        OptionSpec(
            "private_accounts", [], .text, value: "DIR",
            "carry private data, and write here for the web server who may fetch it"),
        OptionSpec(
            "keep", [], .duration(bareUnit: .seconds), value: "DAYS", default: "none", "remove daily trees that are older"),
        OptionSpec(
            "unfinished_keep", [], .duration(bareUnit: .seconds), value: "TIME", default: "3d",
            "remove unfinished files to which nothing has come for so long, and say so to their sources"),
        OptionSpec(
            "quarantine_keep", [], .duration(bareUnit: .seconds), value: "TIME", default: "30d",
            "remove files that are kept aside after so long"),
    ]
}
