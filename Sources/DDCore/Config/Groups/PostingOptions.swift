/// Options that the programs share that announce: dd_post, dd_poll, dd_watch.
enum PostingOptions {
    static let exchange = OptionSpec("exchange", ["ex"], .name, value: "NAME", "where to post (default xs_<user>)")
    static let flow = OptionSpec("flow", ["f"], .text, value: "TAG", "the user's own tag on each post")
    static let mandatory = OptionSpec(
        "mandatory", [], .bool, "a post that no queue takes is an error (default on for xs_ exchanges)")
    static let toClusters = OptionSpec("to_clusters", ["tc"], .text, value: "A,B", "destinations")
    static let readers = OptionSpec(
        "private", [], .text, value: "USER@CLUSTER,...", "only these may have it: users of these switches")

    /// Who alone may have what is posted (`to_users`), sorted; none: all. Where it goes is said by that, and not by `to_clusters` too.
    static func readers(_ settings: Settings) throws(ConfigError) -> [String] {
        guard let setting = settings.given("private") else { return [] }
        let names = settings.words("private")
        let readers = names.compactMap(Recipient.init)
        guard !readers.isEmpty, readers.count == names.count,
            readers.allSatisfy({ AccountName.isValid($0.user) && AccountName.isValid($0.cluster) })
        else { throw settings.bad(setting, "users with their clusters are expected, like bob@c,dave@d") }
        if let other = settings.given("to_clusters") {
            throw settings.bad(other, "private says where it goes: leave to_clusters out")
        }
        return Set(readers).sorted().map(\.description)
    }

    static let signingKey = OptionSpec(
        "signing_key", [], .text, value: "FILE", "sign posts: an Ed25519 key in PEM")
    static let window = OptionSpec(
        "window", [], .integer(1...100_000), value: "N", default: "500", "posts that wait for a confirmation at once")
    static let documentRoot = OptionSpec(
        "document_root", ["dr"], .text, value: "DIR", default: "/", "the directory that the URL stands for")
    static let parts = OptionSpec(
        "parts", ["p"], .text, value: "1|i,SIZE|p,SIZE|auto", default: "auto",
        "how files are cut: not at all, in blocks, in part files, above 64M in blocks of 64M")
    static let randomize = OptionSpec("randomize", ["r"], .bool, default: "off", "post the blocks of a file in random order")
    static let rename = OptionSpec("rename", ["rn"], .text, value: "PATH", "where subscribers place it")
    static let subtopic = OptionSpec(
        "subtopic", ["sub"], .name, value: "WORDS", "words of the topic instead of those of the path")
    static let sum = OptionSpec(
        "sum", ["sum"], .text, value: "d|s|n|0|xxh128|c=NAME", default: "d", "checksum: MD5, SHA-512, of the name, none")
    static let url = OptionSpec("url", ["u"], .text, value: "URL", "where subscribers fetch")
}
