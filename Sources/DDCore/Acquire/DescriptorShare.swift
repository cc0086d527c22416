import CLinux

/// What each worker may keep open, so that all together stay below the number of descriptors that the process may have (`ulimit -n`).
public struct DescriptorShare: Sendable {
    /// Files in blocks.
    let files: Int
    /// Directories below each document root.
    let directories: Int

    /// For connections, logs, wake-ups and the programs of the user.
    private static let reserve = 96
    /// Of a worker beside what it keeps open: document roots, connections to servers, the file in hand.
    private static let fixed = 12
    /// Of a file in blocks: the file, its map, its directory, the file that it replaces.
    private static let perFile = 4

    /// Raises the limit to what `parallel` workers use, of which there may be twice as many while servers do not answer; where that is not
    /// allowed they keep less open. Throws when even that does not fit.
    public init(parallel: Int) throws(ConfigError) {
        let files = max(1, min(32, 96 / parallel))
        let wanted = Self.reserve + 2 * parallel * (Self.fixed + Self.perFile * files + 64)
        try self.init(parallel: parallel, limit: Int(dd_raise_descriptor_limit(Int64(wanted))))
    }

    /// The shares below a limit.
    init(parallel: Int, limit: Int) throws(ConfigError) {
        let smallest = Self.reserve + parallel * (Self.fixed + Self.perFile + 1)
        guard limit >= smallest else {
            throw ConfigError(
                .configuration,
                "parallel \(parallel) needs \(smallest) descriptors and this process may have \(limit): raise 'ulimit -n' "
                    + "(LimitNOFILE= in a unit of systemd) or lower parallel")
        }
        let share = (limit - Self.reserve) / parallel - Self.fixed
        // One half for each kind.
        files = max(1, min(32, 96 / parallel, share / 2 / Self.perFile))
        directories = max(1, min(64, (share - files * Self.perFile) / 2))
    }
}
