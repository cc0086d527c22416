/// The user's programs.
public struct TriggerOptions: Sendable {
    /// Run before anything is fetched; decides whether it is.
    public let onMessage: UserProgram?
    /// Run when a block is fetched and verified; decides whether it counts.
    public let onPart: UserProgram?
    /// Run when a file is complete.
    public let onFile: UserProgram?

    init(_ settings: Settings) throws(ConfigError) {
        let limit = try settings.duration("on_timeout")
        guard limit > .zero else {
            throw ConfigError(
                at: settings.given("on_timeout")?.origin ?? .builtIn, "on_timeout 0 would end every program at once")
        }
        onMessage = try TriggerOptions.runner(settings, "on_message", limit)
        onPart = try TriggerOptions.runner(settings, "on_part", limit)
        onFile = try TriggerOptions.runner(settings, "on_file", limit)
    }

    /// These programs and no others.
    init(onMessage: UserProgram? = nil, onPart: UserProgram? = nil, onFile: UserProgram? = nil) {
        (self.onMessage, self.onPart, self.onFile) = (onMessage, onPart, onFile)
    }

    private static func runner(_ settings: Settings, _ name: String, _ limit: Duration) throws(ConfigError) -> UserProgram? {
        guard let setting = settings.given(name) else { return nil }
        do throws(ConfigError) { return try UserProgram(setting.value, limit: limit) } catch {
            throw settings.bad(setting, error.text)
        }
    }

    static let options = [
        OptionSpec(
            "on_message", [], .text, value: "[|] COMMAND",
            "asked before a post is fetched: exit 0 accept, 75 later, other refuse; with | started once, asked by lines"),
        OptionSpec(
            "on_part", [], .text, value: "[|] COMMAND",
            "asked when a block of a file is fetched, the unfinished file's path as the last argument"),
        OptionSpec("on_file", [], .text, value: "[|] COMMAND", "asked when a file is complete, its path as the last argument"),
        OptionSpec(
            "on_timeout", [], .duration(bareUnit: .seconds), value: "TIME", default: "5m",
            "these programs have so long for an item"),
    ]
}
