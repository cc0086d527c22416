import Glibc

/// Answers `GET /metrics` on one address of this machine, one request after the other: who asks is a Prometheus or two, and each has two
/// seconds to say what it wants.
public struct MetricsServer {
    private let listener: Int32
    private let make: () throws -> String
    private let log: Log

    /// Milliseconds.
    private static let patience = 2_000
    private static let longestRequest = 8_192

    /// Listens on a port of 127.0.0.1. `make` writes the text that is answered.
    public init(port: UInt16, log: Log, make: @escaping () throws -> String) throws {
        (self.make, self.log) = (make, log)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw ProcessError("cannot make a socket", errno) }
        var on: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0, listen(listener, 16) == 0 else {
            let code = errno
            close(listener)
            throw ProcessError("cannot listen on 127.0.0.1:\(port)", code)
        }
    }

    /// Answers until a signal comes.
    public func run(until stop: StopSignal) {
        defer { close(listener) }
        while !stop.isRequested {
            Readiness.wait(for: listener, stop.descriptor, seconds: nil)
            guard !stop.isRequested else { return }
            let peer = accept(listener, nil, nil)
            guard peer >= 0 else {
                // Too many files are open, or who asked has left.
                usleep(10_000)
                continue
            }
            _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
            answer(peer)
            close(peer)
        }
    }

    private func answer(_ peer: Int32) {
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(peer, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        guard let request = read(peer) else { return }
        let words = request.split(separator: " ", maxSplits: 2)
        guard words.count == 3, words[0] == "GET" || words[0] == "HEAD" else {
            return send(peer, "405 Method Not Allowed", "GET only\n")
        }
        guard words[1] == "/metrics" || words[1].hasPrefix("/metrics?") else {
            return send(peer, "404 Not Found", "see /metrics\n")
        }
        do { send(peer, "200 OK", words[0] == "GET" ? try make() : "") } catch {
            log.error("\(error)")
            send(peer, "500 Internal Server Error", "\(error)\n")
        }
    }

    /// The first line of a request whose head has come; `nil`: it has not.
    private func read(_ peer: Int32) -> Substring? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1_024)
        let end = Monotonic.now() + Double(Self.patience) / 1_000
        while bytes.count < Self.longestRequest, Monotonic.now() < end {
            let count = recv(peer, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
            guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
            if text.contains("\r\n\r\n") { return text.prefix { $0 != "\r\n" } }
        }
        return nil
    }

    private func send(_ peer: Int32, _ status: String, _ body: String) {
        let head = "HTTP/1.1 \(status)\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
        let bytes = Array("\(head)Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)".utf8)
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(peer, $0.baseAddress.map { $0 + start }, $0.count - start, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            start += count
        }
    }
}
