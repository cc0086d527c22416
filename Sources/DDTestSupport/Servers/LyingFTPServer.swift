import DDCore
import Glibc

/// A small ftp server on loopback whose answers to PASV, EPSV and RETR are what a test wants; it knows one file, whatever is asked for.
///
/// One thread takes connections, each has a thread of its own; all end with this object.
public final class LyingFTPServer: Sendable {
    /// Where it says that data is to be had.
    public enum Place: Sendable {
        /// On this address, at the port where it really listens.
        case address(String)
        /// Here, at this port.
        case port(UInt16)
    }

    /// Where it listens for commands.
    public let port: UInt16
    private let state: State

    /// A server of `bytes`. EPSV, which names no address, is spoken only when `place` is a port. With `refusal` RETR gets that answer.
    public init(_ bytes: [UInt8], data place: Place = .address("127.0.0.1"), refusal: String? = nil) throws {
        let (listener, port) = try LoopbackSocket.listen()
        let (data, dataPort) = try LoopbackSocket.listen()
        self.port = port
        state = State(listener, data, dataPort, try EventFD(), bytes, place, refusal)
        let state = self.state
        try Thread.start(for: "a server") { state.accept() }
    }

    deinit { state.stop.signal() }

    /// All commands so far.
    public var commands: [String] { state.commands.withLock { $0 } }

    /// What the threads share; the descriptors close with the last of them.
    private final class State: Sendable {
        let listener: LoopbackSocket
        let data: LoopbackSocket
        let dataPort: UInt16
        let stop: EventFD
        let bytes: [UInt8]
        let place: Place
        let refusal: String?
        let commands = Guarded<[String]>([])

        init(
            _ listener: LoopbackSocket, _ data: LoopbackSocket, _ dataPort: UInt16, _ stop: EventFD, _ bytes: [UInt8],
            _ place: Place, _ refusal: String?
        ) {
            (self.listener, self.data, self.dataPort, self.stop) = (listener, data, dataPort, stop)
            (self.bytes, self.place, self.refusal) = (bytes, place, refusal)
        }

        func accept() {
            while listener.waitForInput(or: stop.descriptor), let connection = listener.accept() {
                try? Thread.start(for: "a connection") { [self] in serve(connection) }
            }
        }

        func serve(_ connection: LoopbackSocket) {
            func say(_ line: String) -> Bool { connection.send(Array((line + "\r\n").utf8)) }
            guard say("220 here") else { return }
            while let line = read(connection) {
                commands.withLock { $0.append(line) }
                let isSaid =
                    switch line.prefix(4).uppercased() {
                    case "USER": say("331 and the password")
                    case "PASS": say("230 in")
                    case "PWD": say("257 \"/\"")
                    case "TYPE": say("200 so be it")
                    case "SIZE": say("213 \(bytes.count)")
                    case "EPSV": say(extendedAnswer)
                    case "PASV": say(passiveAnswer)
                    case "RETR" where refusal != nil: say(refusal ?? "")
                    case "RETR": say("150 it comes") && sendData() && say("226 that was it")
                    case "QUIT": say("221 bye")
                    default: say("502 not known")
                    }
                guard isSaid else { return }
            }
        }

        private var extendedAnswer: String {
            if case .port(let port) = place { "229 there (|||\(port)|)" } else { "502 not known" }
        }

        private var passiveAnswer: String {
            let (address, port) =
                switch place {
                case .address(let address): (address, dataPort)
                case .port(let port): ("127.0.0.1", port)
                }
            return "227 there (\(address.replacing(".", with: ",")),\(port >> 8),\(port & 255))"
        }

        private func sendData() -> Bool {
            guard data.waitForInput(or: stop.descriptor), let connection = data.accept() else { return false }
            return connection.send(bytes)
        }

        private func read(_ connection: LoopbackSocket) -> String? {
            var line: [UInt8] = []
            while line.last != UInt8(ascii: "\n") {
                guard line.count < 4_096, connection.waitForInput(or: stop.descriptor), let byte = connection.receiveByte() else {
                    return nil
                }
                line.append(byte)
            }
            return String(decoding: line.dropLast(2), as: UTF8.self)
        }
    }
}
