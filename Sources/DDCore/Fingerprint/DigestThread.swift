/// Computes a digest on a thread of its own, so that a large file costs the slower of fetching and summing, not both.
///
/// At most four buffers are on their way; whoever is faster waits. Used on one thread.
final class DigestThread {
    private enum Step: Sendable {
        case bytes([UInt8])
        case end
    }

    private let steps = Mailbox<Step>()
    private let free = Mailbox<[UInt8]>()
    private let sums = Mailbox<[UInt8]>()
    private var buffer: [UInt8] = []
    private static let bufferSize = 512 * 1024
    private static let bufferCount = 4

    /// A thread that has summed nothing yet. `nil` when libcrypto or the system does not let it start.
    init?(_ algorithm: Digest.Algorithm) {
        let (steps, free, sums) = (steps, free, sums)
        guard (try? Digest(algorithm)) != nil,
            (try? Thread.start(for: "sums", { Self.run(algorithm, steps, free, sums) })) != nil
        else { return nil }
        for _ in 1..<Self.bufferCount { free.put([]) }
        buffer.reserveCapacity(Self.bufferSize)
    }

    deinit { steps.close() }

    /// Takes in the next bytes; waits while all buffers are full.
    func update(_ bytes: UnsafeRawBufferPointer) {
        buffer.append(contentsOf: bytes)
        guard buffer.count >= Self.bufferSize else { return }
        let full = buffer
        buffer = free.take() ?? []
        steps.put(.bytes(full))
    }

    /// Waits for the digest of all that passed. Nothing may follow.
    func finish() -> [UInt8] {
        steps.put(.bytes(buffer))
        steps.put(.end)
        return sums.take() ?? []
    }

    private static func run(
        _ algorithm: Digest.Algorithm, _ steps: Mailbox<Step>, _ free: Mailbox<[UInt8]>, _ sums: Mailbox<[UInt8]>
    ) {
        guard let digest = try? Digest(algorithm) else {
            free.close()
            return sums.close()
        }
        while case .bytes(var bytes) = steps.take() {
            bytes.withUnsafeBytes { digest.update($0) }
            bytes.removeAll(keepingCapacity: true)
            free.put(bytes)
        }
        sums.put(digest.finish())
    }
}
