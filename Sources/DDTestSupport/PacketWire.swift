import DDCore
import Glibc

/// A link between two machines far from each other: carries IP packets between two network namespaces, each after a time, loses some, and can
/// be cut. The kernels' own TCP is at its ends, which sends again what is lost. Ends with the object.
public final class PacketWire: Sendable {
    /// What a link is like.
    public struct Properties: Sendable {
        /// Seconds that a packet takes one way.
        public var delay: Double
        /// The part of all packets that is lost, 0 to 1.
        public var loss: Double
        /// Bytes per second, each way.
        public var rate: Double

        /// A link with these.
        public init(delay: Double, loss: Double = 0, rate: Double = 125_000_000) {
            (self.delay, self.loss, self.rate) = (delay, loss, rate)
        }
    }

    private let end: EventFD
    private let isCut = Guarded(false)

    /// Joins two networks. `number` makes the devices' names.
    public init(_ near: NetworkNamespace, _ far: NetworkNamespace, number: Int, _ properties: Properties) throws {
        let devices = try [near.open("dd\(number)a", to: far), far.open("dd\(number)b", to: near)]
        let end = try EventFD()
        self.end = end
        let isCut = isCut
        try Thread.start(for: "a wire") {
            var lines = [
                PacketLine(from: devices[0], to: devices[1], properties, seed: UInt64(2 * number)),
                PacketLine(from: devices[1], to: devices[0], properties, seed: UInt64(2 * number + 1)),
            ]
            while true {
                let next = lines.compactMap(\.due).min()
                var waits = ([end.descriptor] + devices).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
                poll(&waits, 3, next.map { Int32(min(1_000, max(0, ($0 - Monotonic.now()) * 1_000 + 1))) } ?? -1)
                if waits[0].revents != 0 { break }
                let broken = isCut.withLock { $0 }
                for index in lines.indices { lines[index].move(Monotonic.now(), isCut: broken) }
            }
            for device in devices { close(device) }
        }
    }

    deinit { end.signal() }

    /// From now on nothing comes through.
    public func cut() { isCut.withLock { $0 = true } }

    /// From now on it carries again; what was sent meanwhile is lost.
    public func mend() { isCut.withLock { $0 = false } }
}

/// One direction.
private struct PacketLine {
    private let from: Int32
    private let to: Int32
    private let properties: PacketWire.Properties
    private var random: SplitMix64
    private var packets: [(due: Double, bytes: [UInt8])] = []
    private var first = 0
    /// When the last packet has been put on the line.
    private var isFreeAt = 0.0
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    init(from: Int32, to: Int32, _ properties: PacketWire.Properties, seed: UInt64) {
        (self.from, self.to, self.properties, random) = (from, to, properties, SplitMix64(seed: seed))
    }

    /// When the next packet comes out.
    var due: Double? { first < packets.count ? packets[first].due : nil }

    /// Takes what has been sent, and hands out what has been under way for long enough.
    mutating func move(_ now: Double, isCut: Bool) {
        while case let count = read(from, &buffer, buffer.count), count > 0 {
            // As many as a router would keep.
            guard !isCut, packets.count - first < 4_096, Double.random(in: 0..<1, using: &random) >= properties.loss else {
                continue
            }
            isFreeAt = max(now, isFreeAt) + Double(count) / properties.rate
            packets.append((isFreeAt + properties.delay, Array(buffer[..<count])))
        }
        while first < packets.count, packets[first].due <= now {
            if !isCut { _ = write(to, packets[first].bytes, packets[first].bytes.count) }
            first += 1
        }
        if first == packets.count || first > 1_024 {
            packets.removeFirst(first)
            first = 0
        }
    }
}
