/// An announcement: this file, block or event is there to be fetched or followed.
///
/// Everything is decoded: `%XX` is gone from base and relpath, times are instants, numbers are numbers.
public struct Post: Sendable, Equatable {
    /// The words after the topic's prefix (`v02.post`) as received, or made from the relpath's directories. See `Topic`.
    public var subtopic: String
    /// When it was announced. First field of the body; kept by every hop, equal on all blocks of one posting.
    public var time: Timestamp
    /// Where the bytes are. Second and third fields of the body.
    public var location: Location
    /// What is announced.
    public var event: Event
    /// The account that announced it first (`source`).
    public var source: String?
    /// The cluster where it entered the network (`from_cluster`).
    public var fromCluster: String?
    /// Destinations (`to_clusters`, `to` is read as the same). Empty: this cluster only.
    public var toClusters: [String] = []
    /// Modification time of the file when it was summed (`mtime`).
    public var mtime: Timestamp?
    /// Access time (`atime`).
    public var atime: Timestamp?
    /// Permission bits (`mode`, octal on the wire), 0...0o7777.
    public var mode: UInt16?
    /// Where to place it at this hop instead of the relpath (`rename`), decoded.
    public var rename: String?
    /// On the post of the new file of a rename: the former path (`oldname`).
    public var oldname: String?
    /// On the removal of a rename: the new path (`newname`).
    public var newname: String?
    /// The user's own tag (`flow`).
    public var flow: String?
    /// Clusters passed so far (`via`).
    public var via: [String] = []
    /// The relative path in the source's own post (`posted_as`), decoded. Unchanged by every hop.
    public var postedAs: String?
    /// Where the bytes of a block are until its file is complete: a path below the base, decoded (`retrieve`). For the next hop only.
    public var retrieve: String?
    /// Of a whole file whose blocks were announced before: how it was cut, as the parts of block 0 (`in_blocks`). For the next hop only.
    public var inBlocks: Parts?
    /// It announces nothing, and is carried to its destinations so that each switch tells when it was there (`trace_route`).
    public var isProbe = false
    /// Not a file: who may have a private tree.
    public var permit: Permit?
    /// Private posts: `user@cluster` each (`to_users`).
    public var toUsers: [String] = []
    /// Of a private post that a source of this switch has made: the group that its readers are. Not on the wire: further switches find it in the
    /// path.
    var group: String?
    /// Headers that are not understood here and travel on unchanged. Never `CC`, `BCC` or names that begin with `x-`.
    public var unknown: Headers = [:]

    /// A post of `event` at `location`; the optional fields are set afterwards.
    public init(time: Timestamp, location: Location, event: Event, subtopic: String? = nil) {
        self.subtopic = subtopic ?? Topic.subtopic(ofRelpath: location.relpath)
        self.time = time
        self.location = location
        self.event = event
    }

    /// What is announced.
    public enum Event: Sendable, Equatable {
        /// The bytes of a file or of one of its blocks (`parts` and `sum`). `parts` is `nil` when the header is absent: a whole
        /// file of unknown size.
        case file(Parts?, Sum)
        /// A symbolic link (`sum` L); the target is `nil` where the poster left the `link` header out.
        case link(target: String?)
        /// A file was removed (`sum` R).
        case removed
        /// A directory was made (`sum` m).
        case directory
        /// A directory was removed (`sum` r, or the `rmdir` form of v03).
        case directoryRemoved
    }
}
