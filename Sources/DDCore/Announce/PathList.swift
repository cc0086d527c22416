import Glibc

/// The paths on a descriptor, one behind the other, read without ever waiting. Lines may end in a carriage return too: no name that can be
/// announced does.
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

    private func path(_ item: ArraySlice<UInt8>) -> [UInt8]? {
        let isLine = separator == UInt8(ascii: "\n")
        let path = isLine && item.last == UInt8(ascii: "\r") ? item.dropLast() : item
        return path.isEmpty ? nil : Array(path)
    }

    func next() -> Next {
        while true {
            if let end = buffer[start...].firstIndex(of: separator) {
                defer { start = end + 1 }
                if let path = path(buffer[start..<end]) { return .path(path) }
                continue
            }
            if isAtEnd {
                defer { start = buffer.count }
                return path(buffer[start...]).map { .path($0) } ?? .end
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
