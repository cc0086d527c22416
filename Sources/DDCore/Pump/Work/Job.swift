/// One post for a worker.
public struct Job: Sendable {
    /// As received.
    public let delivery: Delivery
    /// As understood.
    public let post: Post
    /// Where its file goes; jobs of one place are done one after the other in the order of arrival, but for blocks of one posting.
    public let place: Place
    /// The document root that `place` is below.
    public let root: String
    /// How often it was tried before.
    public var attempt = 0
    /// An earlier try, made by whom ever, may have put its file at its place: that it is there does not mean that `on_file` was asked.
    var mayBeStored: Bool
    /// What is reserved for it on disk; `nil` where its source has no quota.
    var room: (any ReservedRoom)?
    /// When it came first, before all tries.
    public internal(set) var first: Timestamp
    /// Seconds for which it had been tried before it was received this time.
    private var earlier = 0.0
    /// It has waited for another try: what is tried for the first time goes before it.
    var hasWaited = false
    /// What it wrote before is not to be relied on: a sync has failed, and what the system remembers of the file, its name and its inode
    /// may not be what the disk has.
    var wasLost = false
    /// Which connection of the pump brought it, counted from 1.
    var generation = 0
    /// Seconds on `Monotonic` when it was received.
    public let received: Double
    /// For a block: what tells its posting from others of the place. Blocks of one posting may be worked on at once.
    let posting: Timestamp?

    /// A job for the first try.
    public init(delivery: Delivery, post: Post, place: Place, root: String) {
        self.delivery = delivery
        self.post = post
        self.place = place
        self.root = root
        self.received = Monotonic.now()
        mayBeStored = delivery.redelivered
        posting = post.block == nil ? nil : post.time
        first = .now()
    }

    /// It comes from a retry queue, with these tries behind it.
    mutating func resume(_ tries: RetryMessage.Tries) {
        attempt = tries.attempt
        if tries.mayBeStored { mayBeStored = true }
        hasWaited = true
        earlier = max(0, tries.age)
        first = tries.first
    }

    /// Seconds for which it has been tried, by no clock that may be set.
    public var age: Double { earlier + Monotonic.now() - received }

    /// It may have been done before, wholly or in part: then "already there" is no reason not to announce it.
    public var isRepeated: Bool { delivery.redelivered || attempt > 0 }

    /// Whether it must wait for jobs below its place, and they for it: removals, and links, which replace what is there.
    /// A directory is made by whoever needs it.
    var concernsTree: Bool {
        switch post.event {
        case .removed, .directoryRemoved, .link: true
        case .file, .directory: false
        }
    }
}
