import DDCore
import Glibc

/// A small http server on loopback that answers whatever a test wants, byte by byte, also what no real server would say.
///
/// One thread takes connections, each connection has a thread of its own; all end with this object.
public final class LyingServer: Sendable {
    /// What it answers to one request.
    public enum Answer: Sendable {
        /// These bytes, as they are; the connection stays open.
        case raw([UInt8])
        /// These bytes, then the end of the connection.
        case last([UInt8])
        /// These bytes, then nothing more, while the connection stays open.
        case stall([UInt8])
        /// These bytes, then so many more ten times a second, until the other side has gone.
        case trickle([UInt8], chunk: Int)

        /// Status, headers and body; `Content-Length` is that of the body unless `headers` has one.
        public static func http(_ status: Int, _ headers: [String: String] = [:], _ body: [UInt8] = []) -> Answer {
            var lines = headers
            if lines["Content-Length"] == nil { lines["Content-Length"] = "\(body.count)" }
            let head = lines.map { "\($0.key): \($0.value)\r\n" }.sorted().joined()
            return .raw(Array("HTTP/1.1 \(status) Answer\r\n\(head)\r\n".utf8) + body)
        }
    }

    /// A request as it came.
    public struct Request: Sendable {
        /// The path with the query, encoded.
        public let path: String
        /// All lines, the first one included.
        public let lines: [String]

        /// The value of a header; `nil` when it was not sent.
        public func header(_ name: String) -> String? {
            let line = lines.first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            return line.map { String($0.dropFirst(name.utf8.count + 1).drop { $0 == " " }) }
        }
    }

    /// Where it listens.
    public let port: UInt16
    private let state: State

    /// Listens on a free port of 127.0.0.1; `answer` is called for each request, on the connection's thread.
    public init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
        let (listener, port) = try LoopbackSocket.listen()
        self.port = port
        state = State(listener, try EventFD(), answer)
        let state = self.state
        try Thread.start(for: "a server") { state.accept() }
    }

    deinit { state.stop.signal() }

    /// `http://127.0.0.1:port` and a path.
    public func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    /// All requests so far.
    public var requests: [Request] { state.requests.withLock { $0 } }

    /// How many connections were made to it.
    public var connections: Int { state.connections.withLock { $0 } }

    /// What the threads share; the descriptors close with the last of them.
    private final class State: Sendable {
        let listener: LoopbackSocket
        let stop: EventFD
        let answer: @Sendable (Request) -> Answer
        let requests = Guarded<[Request]>([])
        let connections = Guarded<Int>(0)

        init(_ listener: LoopbackSocket, _ stop: EventFD, _ answer: @escaping @Sendable (Request) -> Answer) {
            self.listener = listener
            self.stop = stop
            self.answer = answer
        }

        func accept() {
            while listener.waitForInput(or: stop.descriptor), let connection = listener.accept() {
                connections.withLock { $0 += 1 }
                try? Thread.start(for: "a connection") { [self] in serve(connection) }
            }
        }

        func serve(_ connection: LoopbackSocket) {
            while let request = read(connection) {
                requests.withLock { $0.append(request) }
                switch answer(request) {
                case .raw(let bytes): guard connection.send(bytes) else { return }
                case .last(let bytes):
                    _ = connection.send(bytes)
                    return
                case .stall(let bytes):
                    _ = connection.send(bytes)
                    // Readable when the other side has hung up.
                    _ = connection.waitForInput(or: stop.descriptor)
                    return
                case .trickle(let bytes, let chunk):
                    guard connection.send(bytes) else { return }
                    let more = [UInt8](repeating: 120, count: chunk)
                    while !connection.isOver(within: 100, or: stop.descriptor), connection.send(more) {}
                    return
                }
            }
        }

        private func read(_ connection: LoopbackSocket) -> Request? {
            var bytes: [UInt8] = []
            while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
                guard bytes.count < 65_536, connection.waitForInput(or: stop.descriptor), let byte = connection.receiveByte()
                else {
                    return nil
                }
                bytes.append(byte)
            }
            let text = String(decoding: bytes.dropLast(4), as: UTF8.self)
            let lines = text.split(separator: "\r\n").map(String.init)
            let words = lines.first?.split(separator: " ") ?? []
            return words.count == 3 ? Request(path: String(words[1]), lines: lines) : nil
        }
    }
}
