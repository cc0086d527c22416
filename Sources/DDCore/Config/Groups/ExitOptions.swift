/// When a program that would run for ever leaves: for scripts and tests.
public struct ExitOptions: Sendable, Equatable {
    /// When nothing came for so long; `nil`: never.
    public let idle: Duration?
    /// After so many messages; `nil`: never.
    public let messages: Int?

    init(_ settings: Settings) throws(ConfigError) {
        idle = try settings.durationIfAny("exit_idle")
        messages = try settings.integerIfAny("exit_after")
    }

    static let idle = OptionSpec(
        "exit_idle", [], .duration(bareUnit: .seconds), value: "SECONDS", "leave when nothing came for so long")
    static let messages = OptionSpec("exit_after", [], .integer(1...Int.max), value: "N", "leave after N messages")
}
