/// How files become posts.
public struct PostPlan: Sendable {
    /// Where subscribers fetch: a prefix with its final `/`, decoded.
    public var base: String
    /// The folder that `base` stands for, absolute, without a final `/` (`""` is the root of the file system).
    public var documentRoot: String
    /// How blocks are summed.
    public var sum: SumMethod
    /// How files are cut.
    public var parts = PartsChoice.whole
    /// The blocks of a file come in random order.
    public var randomize = false
    /// The account that posts.
    public var source: String?
    /// `to_clusters`.
    public var toClusters: [String] = []
    /// `to_users`; none: all.
    public var toUsers: [String] = []
    /// `flow`.
    public var flow: String?
    /// `rename`.
    public var rename: String?
    /// When the run began.
    let began = Timestamp.now()
    /// What topics begin with.
    public var topicPrefix = "v02.post"
    /// The words after it; `nil`: made from the directories.
    public var subtopic: String?

    /// How a file's content is identified.
    public enum SumMethod: Sendable, Equatable {
        /// By a digest of its bytes.
        case digest(Digest.Algorithm)
        /// Computed by whoever fetches it.
        case computeLater(Digest.Algorithm)
        /// By MD5 of its name.
        case name
        /// Not at all.
        case none
    }

    /// A plan; the rest is set afterwards.
    public init(base: String, documentRoot: String, sum: SumMethod, source: String?) {
        self.base = base
        self.documentRoot = documentRoot
        self.sum = sum
        self.source = source
    }
}
