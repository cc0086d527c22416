import DDCore
import Glibc

/// A TCP forwarder on 127.0.0.1 that behaves like a link to a place far away: bytes take half a round trip, and one connection has at most
/// a window of them under way, counted until their receipt would be known to the sender. So one connection moves no more than a window per
/// round trip, however fast the machine is. Ends with the object.
public final class LongWire: Sendable {
    /// Where to connect to.
    public let port: UInt16
    private let listener: LoopbackSocket
    private let end: EventFD

    /// A link to `target`. `roundTrip` in seconds, `window` in bytes.
    public init(to target: UInt16, roundTrip: Double, window: Int) throws {
        guard let port = FreePort.find() else { throw ProcessError("cannot find a free port", EADDRINUSE) }
        self.port = port
        let listener = try LoopbackSocket.listen(port)
        let end = try EventFD()
        (self.listener, self.end) = (listener, end)
        try Thread.start(for: "a link") {
            while listener.waitForInput(or: end.descriptor), let near = listener.accept() {
                try? Thread.start(for: "a connection") {
                    guard let far = try? LoopbackSocket.connect(target) else { return }
                    Wires(near, far, delay: roundTrip / 2, window: window).run(until: end.descriptor)
                }
            }
        }
    }

    deinit { end.signal() }
}

/// Both directions of one connection.
private final class Wires {
    private let ends: [LoopbackSocket]
    private var wires: [Wire]

    init(_ near: LoopbackSocket, _ far: LoopbackSocket, delay: Double, window: Int) {
        ends = [near, far]
        wires = [
            Wire(from: near.descriptor, to: far.descriptor, delay: delay, window: window),
            Wire(from: far.descriptor, to: near.descriptor, delay: delay, window: window),
        ]
        for end in ends { end.doNotBlock() }
    }

    func run(until end: Int32) {
        while !wires.allSatisfy(\.isDone) {
            let now = Monotonic.now()
            for index in wires.indices { guard wires[index].move(now) else { return } }
            var waits = [pollfd(fd: end, events: Int16(POLLIN), revents: 0)] + wires.flatMap { $0.waits(now) }
            let next = wires.compactMap { $0.next(now) }.min()
            poll(&waits, nfds_t(waits.count), next.map { Int32(max(0, $0 - now) * 1000) + 1 } ?? -1)
            if waits[0].revents != 0 { return }
        }
    }
}

/// One direction.
private struct Wire {
    private struct Packet {
        var bytes: ArraySlice<UInt8>
        let due: Double
    }

    private let from: Int32
    private let to: Int32
    private let delay: Double
    private let window: Int
    private var packets: [Packet] = []
    /// Bytes whose receipt the sender does not know of yet, and when it will.
    private var unknown: [(count: Int, until: Double)] = []
    private var underWay = 0
    private var isAtEnd = false
    private(set) var isDone = false

    init(from: Int32, to: Int32, delay: Double, window: Int) {
        (self.from, self.to, self.delay, self.window) = (from, to, delay, window)
    }

    /// Reads and writes what can be now; false when the connection is broken.
    mutating func move(_ now: Double) -> Bool {
        while let first = unknown.first, first.until <= now {
            underWay -= first.count
            unknown.removeFirst()
        }
        while let first = packets.first, first.due <= now {
            let count = first.bytes.withUnsafeBytes { send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            unknown.append((count, now + delay))
            packets[0].bytes = first.bytes.dropFirst(count)
            if packets[0].bytes.isEmpty { packets.removeFirst() }
        }
        while !isAtEnd, underWay < window {
            var bytes = [UInt8](repeating: 0, count: min(16_384, window - underWay))
            let count = recv(from, &bytes, bytes.count, 0)
            if count < 0 {
                if errno == EAGAIN { break }
                return false
            }
            if count == 0 { isAtEnd = true } else { packets.append(Packet(bytes: bytes[..<count], due: now + delay)) }
            underWay += count
        }
        if isAtEnd, packets.isEmpty, !isDone {
            isDone = true
            shutdown(to, Int32(SHUT_WR))
        }
        return true
    }

    /// What has to become possible before time makes it so.
    func waits(_ now: Double) -> [pollfd] {
        let reads = !isAtEnd && underWay < window
        let writes = packets.first.map { $0.due <= now } ?? false
        return [
            pollfd(fd: reads ? from : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: writes ? to : -1, events: Int16(POLLOUT), revents: 0),
        ]
    }

    /// When something is to be done next without anything new.
    func next(_ now: Double) -> Double? {
        [packets.first?.due, unknown.first?.until].compactMap { $0 }.filter { $0 > now }.min()
    }
}
