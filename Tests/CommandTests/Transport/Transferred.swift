import DDCore
import DDTestSupport

/// Bytes that a switch's web servers have sent, by their own log.
struct Transferred: CustomStringConvertible {
    let bytes: Int
    let requests: Int

    init(_ running: RunningSwitch) {
        // address - user [time] "GET /x HTTP/1.1" status bytes ...
        let lines = (SmallFile.text(running.folder + "/log/access.log") ?? "").split(separator: "\n")
        let sizes = lines.compactMap { line -> Int? in
            let pieces = line.split(separator: "\"")
            guard pieces.count > 2 else { return nil }
            let numbers = pieces[2].split(separator: " ")
            return numbers.count > 1 ? Int(numbers[1]) : nil
        }
        (bytes, requests) = (sizes.reduce(0, +), sizes.count)
    }

    var description: String { "\(bytes) bytes in \(requests) requests" }
}
