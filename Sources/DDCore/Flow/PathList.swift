import Glibc

/// The paths on a descriptor, one behind the other, read without ever waiting.
final class PathList {
    enum Next {
        case path([UInt8])
        /// Nothing has come yet.
        case wait
        case end
        case failed(String)
    }

    private let descriptor: Int32
    private let separator: UInt8
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    init(descriptor: Int32, separator: UInt8) {
        self.descriptor = descriptor
        self.separator = separator
    }

    func next() -> Next {
        while true {
            if let end = buffer[start...].firstIndex(of: separator) {
                defer { start = end + 1 }
                if end > start { return .path(Array(buffer[start..<end])) }
                continue
            }
            if isAtEnd {
                defer { start = buffer.count }
                return start < buffer.count ? .path(Array(buffer[start...])) : .end
            }
            buffer.removeFirst(start)
            start = 0
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, 0) > 0 else { return .wait }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 {
                buffer.append(contentsOf: chunk[..<count])
            } else if count == 0 {
                isAtEnd = true
            } else if errno != EINTR && errno != EAGAIN {
                return .failed(String(cString: strerror(errno)))
            }
        }
    }
}
