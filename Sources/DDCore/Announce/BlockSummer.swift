import Glibc

/// Which blocks of which file are to be summed.
struct BlockRun {
    let path: String
    /// What the file was when it was opened.
    let state: FileState
    /// It need not stay so, as long as it only grows.
    var mayGrow = false
    /// Bytes in a block.
    let blockSize: Int64
    /// Blocks to be summed.
    let count: Int64
    /// The block at a position from 0 to below `count`.
    let block: (Int64) throws -> Parts
}

/// Sums the blocks of one file after another on all cores. The file's blocks are handed out in shares; their sums come back in the
/// order that was asked for. Memory does not grow with the file.
final class BlockSummer {
    /// Some blocks of a file for one thread.
    private struct Share: Sendable {
        let run: Int
        let index: Int
        let path: String
        let state: FileState
        let mayGrow: Bool
        let blocks: [Parts]
    }

    /// What became of a share.
    private struct Summed: Sendable {
        let share: Share
        let digests: Result<[[UInt8]], FileError>
    }

    /// A share has at least a block, and otherwise at most so many bytes and blocks: small enough that a change of the file is seen
    /// soon, large enough that handing it over costs nothing.
    private static let shareBytes: Int64 = 4 << 20
    private static let shareBlocks: Int64 = 1024

    private let algorithm: Digest.Algorithm
    private let shares = Mailbox<Share>()
    private let summed: Inbox<Summed>
    private let wake: EventFD
    private let limit: Int
    private var run = 0

    /// Threads for `algorithm`, one per core.
    init(_ algorithm: Digest.Algorithm) throws(ProcessError) {
        self.algorithm = algorithm
        wake = try EventFD()
        summed = Inbox(wake: wake)
        let cores = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        limit = 2 * cores
        let (shares, summed) = (self.shares, self.summed)
        for _ in 0..<cores {
            try Thread.start(for: "sums") {
                let reader = Result { try BlockReader(algorithm) }
                while let share = shares.take() {
                    summed.put(Summed(share: share, digests: Self.digests(of: share, reader)))
                }
            }
        }
    }

    deinit { shares.close() }

    /// Calls `each` with the blocks of `file` in their order until it returns false. Meanwhile `serve` is called: it waits until the
    /// descriptor is readable or something else is to be done, and returns false to stop. Throws `FileError` when the file cannot
    /// be read or is no longer what it was; the blocks before were handed on.
    func sum(
        _ file: BlockRun, serve: (_ descriptor: Int32) throws -> Bool, each: (Parts, Sum) throws -> Bool
    ) throws {
        run += 1
        defer { _ = shares.clear() }
        let size = min(max(1, Self.shareBytes / file.blockSize), Self.shareBlocks)
        var (position, issued, taken) = (0 as Int64, 0, 0)
        var early: [Int: Summed] = [:]
        while true {
            while issued - taken < limit, position < file.count {
                let end = min(position + size, file.count)
                let blocks = try (position..<end).map(file.block)
                shares.put(
                    Share(
                        run: run, index: issued, path: file.path, state: file.state, mayGrow: file.mayGrow, blocks: blocks))
                (position, issued) = (end, issued + 1)
            }
            guard taken < issued else { return }
            for summed in summed.takeAll() where summed.share.run == run { early[summed.share.index] = summed }
            guard let next = early.removeValue(forKey: taken) else {
                guard try serve(wake.descriptor) else { return }
                wake.drain()
                continue
            }
            taken += 1
            for (block, digest) in zip(next.share.blocks, try next.digests.get()) {
                guard try each(block, .digest(algorithm, digest)) else { return }
            }
        }
    }

    private static func digests(of share: Share, _ reader: Result<BlockReader, any Error>) -> Result<[[UInt8]], FileError> {
        do {
            return .success(try reader.get().digests(of: share.blocks, in: share.path, share.state, mayGrow: share.mayGrow))
        } catch let error as FileError {
            return .failure(error)
        } catch {
            return .failure(FileError(.system, "cannot sum \(share.path): \(error)"))
        }
    }
}
