/// Options that dd_post and dd_poll share.
enum PostingOptions {
    static let exchange = OptionSpec("exchange", ["ex"], .name, value: "NAME", "where to post (default xs_<user>)")
    static let flow = OptionSpec("flow", ["f"], .text, value: "TAG", "the user's own tag on each post")
    static let mandatory = OptionSpec(
        "mandatory", [], .bool, "a post that no queue takes is an error (default on for xs_ exchanges)")
    static let toClusters = OptionSpec("to_clusters", ["tc"], .text, value: "A,B", "destinations")
    static let window = OptionSpec(
        "window", [], .integer(1...100_000), value: "N", default: "500", "posts that wait for a confirmation at once")
}
