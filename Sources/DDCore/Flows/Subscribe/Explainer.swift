/// Says what would become of posts: which line of the configuration decides, and where the file would go. For one thread.
public struct Explainer {
    private let plan: SubscribePlan
    private let selection: Selection

    /// Throws `ConfigError` for a bad pattern.
    public init(_ plan: SubscribePlan) throws(ConfigError) {
        self.plan = plan
        selection = try Selection(plan.rules)
    }

    /// Three lines: `take`, `leave` or `refuse` and the URL as patterns see it; the rule; the place, or why there is none. What is in a name
    /// from the wire and would steer a terminal is escaped, as in the log.
    public func text(_ post: Post) -> String {
        lines(post).map { LogLine.plain($0) + "\n" }.joined()
    }

    private func lines(_ post: Post) -> [String] {
        let url = post.location.url
        let rule = "       rule   \(selection.reason(for: url))"
        guard case .accept(let directory) = selection.decide(url) else { return ["leave  \(url)", rule] }
        do throws(FileError) {
            let place = try plan.placement.place(for: post)
            return ["take   \(url)", rule, "       place  \(directory ?? plan.directory)/\(place.relpath)"]
        } catch {
            return ["refuse \(url)", rule, "       why    \(error)"]
        }
    }

    /// The same of a post that would announce a plain file there.
    public func text(_ location: Location) -> String {
        text(Post(time: .now(), location: location, event: .file(nil, .none("0"))))
    }
}
