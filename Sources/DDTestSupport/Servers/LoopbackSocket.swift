import DDCore
import Glibc

/// A TCP socket on 127.0.0.1, owned and closed here.
final class LoopbackSocket: Sendable {
    /// For `poll`; borrowed.
    let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// A socket that listens on some free port.
    static func listen() throws(ProcessError) -> (LoopbackSocket, UInt16) {
        var last = ProcessError("cannot find a free port", EADDRINUSE)
        // Another test may take the port between the look and the taking.
        for _ in 0..<20 {
            guard let port = FreePort.find() else { throw last }
            do throws(ProcessError) { return (try listen(port), port) } catch { last = error }
        }
        throw last
    }

    /// A socket that listens on `port`.
    static func listen(_ port: UInt16) throws(ProcessError) -> LoopbackSocket {
        let (result, bound) = try with(port, bind)
        guard bound == 0, Glibc.listen(result.descriptor, 64) == 0 else {
            throw ProcessError("cannot listen on port \(port)", errno)
        }
        return result
    }

    /// A socket that has `port` and does not listen: who connects is refused, and nobody else can listen there.
    static func reserve(_ port: UInt16) throws(ProcessError) -> LoopbackSocket {
        let (result, bound) = try with(port, bind)
        guard bound == 0 else { throw ProcessError("cannot reserve port \(port)", errno) }
        // It took the port in spite of connections that end there; from now on it shares it with nobody.
        var off: Int32 = 0
        setsockopt(result.descriptor, SOL_SOCKET, SO_REUSEADDR, &off, socklen_t(MemoryLayout<Int32>.size))
        return result
    }

    /// A connection to `port`.
    static func connect(_ port: UInt16) throws(ProcessError) -> LoopbackSocket {
        let (result, connected) = try with(port, Glibc.connect)
        guard connected == 0 else { throw ProcessError("cannot connect to port \(port)", errno) }
        return result
    }

    /// A new socket, and what `call` said of it and the address.
    private static func with(
        _ port: UInt16, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(ProcessError) -> (LoopbackSocket, Int32) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ProcessError("cannot make a socket", errno) }
        let result = LoopbackSocket(descriptor)
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let answer = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return (result, answer)
    }

    /// From now on nothing here waits.
    func doNotBlock() { _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) }

    /// The next connection; `nil` when there is none any more.
    func accept() -> LoopbackSocket? {
        let next = Glibc.accept(descriptor, nil, nil)
        return next < 0 ? nil : LoopbackSocket(next)
    }

    /// Waits until there is something to read here, true, or on `other`, false.
    func waitForInput(or other: Int32) -> Bool {
        var waits = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: other, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&waits, 2, -1) < 0 { guard errno == EINTR else { return false } }
        return waits[1].revents == 0 && waits[0].revents != 0
    }

    /// Whether `other` becomes readable, or the other side has gone, within so many milliseconds.
    func isOver(within milliseconds: Int32, or other: Int32) -> Bool {
        var waits = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: other, events: Int16(POLLIN), revents: 0),
        ]
        return poll(&waits, 2, milliseconds) != 0
    }

    /// One byte; `nil` at the end.
    func receiveByte() -> UInt8? {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, 0) == 1 ? byte : nil
    }

    /// Sends all bytes; false when the other side has gone.
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
