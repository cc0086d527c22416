/// Whether a configuration is explained instead of followed (`dry_run`), and of which files (`path`).
public struct ExplainOptions: Sendable {
    /// Nothing is fetched: of each post it is said which rule decides, and where its file would go.
    public let isOn: Bool
    /// These files are explained, and no post of the broker.
    public let locations: [Location]

    /// `dry_run` and `path`.
    static let options = [
        OptionSpec(
            "dry_run", [], .bool, default: "off", inFile: false,
            "say of each post which rule decides and where its file would go, fetch nothing"),
        OptionSpec(
            "path", [], .text, repeatable: true, value: "URL", inFile: false,
            "with dry_run: say it of this file, and ask no broker"),
    ]

    init(_ settings: Settings, _ action: Action) throws(ConfigError) {
        isOn = try settings.bool("dry_run")
        var locations: [Location] = []
        for url in settings.texts("path") { locations.append(try DataURL.location(url)) }
        self.locations = locations
        if !locations.isEmpty, !isOn { throw ConfigError(.usage, "--path is for --dry_run: write both") }
        guard !isOn || action == .foreground || action == .cleanup else {
            throw ConfigError(.usage, "--dry_run is a look in the foreground")
        }
    }
}
