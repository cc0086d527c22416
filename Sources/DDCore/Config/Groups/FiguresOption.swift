/// What is expected of a configuration's work, and how often it is told (`log_figures`, `deadline`, `minimum_rate`).
public struct FiguresOption: Sendable, Equatable {
    /// How often figures are logged; `nil`: never.
    public let logged: Duration?
    /// `status` and `check` say that it is late when no file was done for so long; `nil`: never.
    public let deadline: Duration?
    /// They say so when fewer files were done in a minute; `nil`: never.
    public let minimum: Int?

    static let specs = [
        OptionSpec(
            "log_figures", [], .duration(bareUnit: .seconds), value: "TIME", default: "0",
            "say in the log so often what was done; 0: never"),
        OptionSpec(
            "deadline", [], .duration(bareUnit: .seconds), value: "TIME", default: "none",
            "status and check say that it is late when no file came for so long"),
        OptionSpec(
            "minimum_rate", [], .integer(0...1_000_000), value: "N", default: "0",
            "status and check say that it is late when fewer files came in a minute"),
    ]

    /// What the settings say, where the program has these options.
    init(_ settings: Settings) throws(ConfigError) {
        guard settings.table.option(named: "log_figures") != nil else {
            (logged, deadline, minimum) = (nil, nil, nil)
            return
        }
        let time = try settings.duration("log_figures")
        logged = time > .zero ? time : nil
        deadline = try settings.durationIfAny("deadline")
        if let setting = settings.given("deadline"), deadline == .zero {
            throw settings.bad(setting, "a time above 0 is expected")
        }
        let count = try settings.integer("minimum_rate")
        minimum = count > 0 ? count : nil
    }
}
