import Glibc

/// TCP ports of the loopback address.
public enum FreePort {
    /// Below the range from which the system takes ports for outgoing connections, so that none of those gets there first.
    public static let range: Range<UInt16> = 20_000..<32_000

    /// A port in `range` on which nobody listens and that is not in `taken`; `preferred` when that one is free. As long as this process lives,
    /// no other process that asks here is given it, also before somebody listens.
    public static func find(preferring preferred: UInt16? = nil, notIn taken: [UInt16] = []) -> UInt16? {
        let candidates = [preferred].compactMap { $0 } + (0..<200).map { _ in UInt16.random(in: range) }
        return candidates.first { !taken.contains($0) && isFree($0) && isOurs($0) }
    }

    /// The ports that this process has found.
    private static let found = Guarded<Set<UInt16>>([])

    /// Takes the port's name, which only one process can have, and which is as good as the ports themselves: an abstract socket of the
    /// network namespace, gone with the process (unix(7)).
    private static func isOurs(_ port: UInt16) -> Bool {
        found.withLock { found in
            if found.contains(port) { return true }
            let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { return false }
            let status = UnixAddress.with([0] + Array("dd.port.\(port)".utf8)) { bind(descriptor, $0, $1) }
            guard status == 0 else {
                close(descriptor)
                return false
            }
            // It stays open.
            found.insert(port)
            return true
        }
    }

    /// Whether a server could listen on 127.0.0.1 at this port now.
    public static func isFree(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        return withAddress(port) { bind(descriptor, $0, $1) == 0 && listen(descriptor, 1) == 0 }
    }

    /// Whether somebody who listens on 127.0.0.1 at this port answers `greeting` with at least one byte within a second, or,
    /// when it is empty, takes the connection.
    public static func answers(_ port: UInt16, greeting: [UInt8] = []) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        guard withAddress(port, { connect(descriptor, $0, $1) == 0 }) else { return false }
        guard !greeting.isEmpty else { return true }
        guard send(descriptor, greeting, greeting.count, Int32(MSG_NOSIGNAL)) == greeting.count else { return false }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, 0) == 1
    }

    /// The first eight bytes of an AMQP 0-9-1 connection, which a broker that is up answers.
    public static let amqpGreeting = Array("AMQP".utf8) + [0, 0, 9, 1]

    private static func withAddress<Result>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
