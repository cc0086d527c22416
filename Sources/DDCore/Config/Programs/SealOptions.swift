/// The settings of dd_seal.
public struct SealOptions: Sendable {
    /// What is to be done.
    public enum Verb: String, Sendable, CaseIterable {
        /// Files are encrypted and signed.
        case seal
        /// They are verified and decrypted.
        case open
        /// The public halves of keys are shown.
        case `public`
    }

    /// What is to be done.
    public let verb: Verb
    /// Log, waiting, TLS.
    public let common: CommonOptions
    /// Files and folders; `-`: a list on standard input.
    public let paths: [String]
    /// Who seals: `alice@a`; empty but for `seal`.
    public let source: String
    /// The file of the Ed25519 key that signs; empty but for `seal`.
    public let signingKey: String
    /// The file of the readers' keys; empty but for `seal`.
    public let recipients: String
    /// Of those, who is to read it; none: all.
    public let readers: [String]
    /// What the source's paths begin at. Absolute.
    public let documentRoot: String
    /// Where files are put; `nil` for `open`: beside the sealed ones.
    public let into: String?
    /// The file of the identity that reads; empty but for `open`.
    public let identity: String
    /// The file of the sources' keys; empty but for `open`.
    public let signers: String

    /// The options of dd_seal.
    public static let table = OptionTable(
        program: "dd_seal",
        synopses: ["[options] seal PATH...", "[options] seal -", "[options] open PATH...", "public KEYFILE..."],
        options: [
            CommonOptions.config,
            PostingOptions.documentRoot,
            OptionSpec("identity", ["i"], .text, value: "FILE", "who opens: a file of age-keygen"),
            OptionSpec("into", [], .text, value: "DIR", "where files are put"),
            OptionSpec("recipients", ["R"], .text, value: "FILE", "the keys of readers, lines like bob@c age1..."),
            OptionSpec("signers", [], .text, value: "FILE", "the keys of sources, lines like alice@a KEY"),
            OptionSpec("signing_key", [], .text, value: "FILE", "who seals: an Ed25519 key in PEM"),
            OptionSpec("source", [], .text, value: "USER@CLUSTER", "the name of who seals"),
            OptionSpec("to", [], .text, value: "USER@CLUSTER,...", "of the recipients these (default all)"),
        ] + CommonOptions.options(wait: "30").filter { $0.name.hasPrefix("log_") })

    /// Reads arguments (without the program's name) and the configuration.
    public static func load(arguments: [String], environment: [String: String]) throws(ConfigError) -> Launch<SealOptions> {
        let loader = try Loader(table, arguments, environment)
        return try loader.launch { () throws(ConfigError) in try SealOptions(loader) }
    }

    private init(_ loader: Loader) throws(ConfigError) {
        let words = loader.commandLine.operands
        guard let verb = words.first.flatMap(Verb.init) else {
            throw ConfigError(.usage, "seal, open or public is needed; dd_seal --help says more")
        }
        self.verb = verb
        paths = words.dropFirst().map { $0 == "-" ? $0 : Path.absolute($0) }
        guard !paths.isEmpty else { throw ConfigError(.usage, "\(verb.rawValue) needs a PATH") }
        let loaded = try loader.load(configuration: loader.configOption)
        let settings = loaded.settings
        common = try CommonOptions(loaded)
        func needed(_ name: String, _ verbs: Verb) throws(ConfigError) -> String {
            guard verb == verbs else { return "" }
            guard let text = settings.textIfAny(name) else { throw ConfigError(.usage, "\(verb.rawValue) needs --\(name)") }
            return text
        }
        source = try needed("source", .seal)
        guard verb != .seal || Recipient(source) != nil else {
            throw ConfigError(.usage, "source \(source): a user with its cluster is expected, like alice@a")
        }
        signingKey = try needed("signing_key", .seal)
        recipients = try needed("recipients", .seal)
        readers = settings.words("to")
        documentRoot = Path.absolute(try settings.text("document_root"))
        into = (verb == .seal ? try needed("into", .seal) : settings.textIfAny("into")).map(Path.absolute)
        identity = try needed("identity", .open)
        signers = try needed("signers", .open)
        if verb == .seal, let outside = paths.first(where: { $0 != "-" && !Self.isBelow($0, documentRoot) }) {
            throw ConfigError(.usage, "\(outside) is not below document_root \(documentRoot)")
        }
    }

    /// Whether a path is at or below a folder.
    static func isBelow(_ path: String, _ folder: String) -> Bool {
        folder == "/" || path == folder || path.hasPrefix(folder + "/")
    }
}
