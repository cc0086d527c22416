/// How often the figures of the work are logged (`log_figures`).
enum FiguresOption {
    static let spec = OptionSpec(
        "log_figures", [], .duration(bareUnit: .seconds), value: "TIME", default: "0",
        "say in the log so often what was done; 0: never")

    /// The time, where the program has the option and it is not 0.
    static func read(_ settings: Settings) throws(ConfigError) -> Duration? {
        guard settings.table.option(named: spec.name) != nil else { return nil }
        let time = try settings.duration(spec.name)
        return time > .zero ? time : nil
    }
}
