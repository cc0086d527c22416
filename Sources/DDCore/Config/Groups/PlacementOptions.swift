/// How files are put below a directory.
public struct PlacementOptions: Sendable {
    /// The announced path is kept below the directory.
    public let mirror: Bool
    /// What is taken off the front of the announced path.
    public let strip: StripChoice
    /// The path becomes one name with this instead of `/`; `nil`: it does not.
    public let flatten: String?
    /// What the name of an unfinished file ends with.
    public let lock: String
    /// A file that is there is replaced when its content differs.
    public let overwrite: Bool
    /// Blocks are put into their file; if not, each is kept as a part file.
    public let inplace: Bool
    /// The announced permission bits are set.
    public let preserveMode: Bool
    /// Files get the announced time of modification.
    public let preserveTime: Bool
    /// A file's bytes are made safe on disk before it gets its name.
    public let syncBeforeRename: Bool
    /// Symbolic links are made though their target is absolute or leads out of the tree.
    public let outsideLinks: Bool

    init(_ settings: Settings, mirror: Bool, strip: Int = 0) throws(ConfigError) {
        self.mirror = try settings.boolIfAny("mirror") ?? mirror
        self.strip =
            try settings.given("strip") == nil
            ? .directories(strip) : settings.read("strip") { (text) throws(ConfigError) in try StripChoice(text) }
        flatten = settings.textIfAny("flatten")
        lock = try settings.text("lock")
        overwrite = try settings.bool("overwrite")
        inplace = try settings.bool("inplace")
        preserveMode = try settings.bool("preserve_mode")
        preserveTime = try settings.bool("preserve_time")
        outsideLinks = try settings.bool("outside_links")
        syncBeforeRename = try settings.bool("sync_before_rename")
        for name in ["lock", "flatten"] {
            guard let setting = settings.given(name), setting.value.contains("/") else { continue }
            throw settings.bad(setting, "'/' cannot be part of a file's name")
        }
    }

    static func options(mirror: String?) -> [OptionSpec] {
        [
            OptionSpec("mirror", [], .bool, default: mirror, "keep the announced path below the directory"),
            StripChoice.option(),
            OptionSpec("flatten", [], .text, value: "C", "make one name of the path, with C instead of /"),
            OptionSpec("lock", [], .text, value: "SUFFIX", default: ".tmp", "ending of names of unfinished files"),
            OptionSpec("overwrite", [], .bool, default: "on", "replace files whose content differs"),
            OptionSpec("inplace", [], .bool, default: "on", "put blocks into their file; off: keep each as a part file"),
            OptionSpec("outside_links", [], .bool, default: "off", "make links that are absolute or lead out of the tree"),
            OptionSpec("preserve_mode", [], .bool, default: "off", "set the announced permissions"),
            OptionSpec("preserve_time", [], .bool, default: "on", "set the announced time of modification"),
            OptionSpec(
                "sync_before_rename", [], .bool, default: "off", "make a file safe on disk before it gets its name: slower"),
        ]
    }
}
