import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// A source that posts one small file at a time, and waits until it is announced.
final class QuietSource {
    private let running: RunningSwitch
    private let name: String
    private let client: AMQPPublisher
    private let announced: AMQPConsumer
    private let queue: String
    private var number = 0

    /// The source `name`, whose password is its name and `-secret`, and whose tree is the folder of that name.
    init(_ running: RunningSwitch, _ name: String) throws {
        self.running = running
        self.name = name
        queue = "q_admin.quiet.\(name)"
        client = try AMQPPublisher(
            BrokerSettings(url: try BrokerURL(running.broker(name, password: name + "-secret")), name: "a test"))
        announced = try AMQPConsumer(
            BrokerSettings(url: try BrokerURL(running["DD_BROKER_ADMIN"]), name: "a test"), prefetch: 100)
        var plan = QueuePlan(name: queue)
        plan.isTemporary = true
        plan.bindings = [Binding(exchange: "xd_" + name, topic: "#")]
        try announced.declare(plan)
        try announced.consume(plan)
    }

    deinit {
        client.close()
        announced.close()
    }

    /// Milliseconds from a post to its announcement, the median of so many files.
    func median(of files: Int) throws -> Double { try times(of: files, pause: 0).median }

    /// Milliseconds from a post to its announcement, the median and the longest of so many files, with a pause of so many seconds
    /// between them.
    func times(of files: Int, pause: Double) throws -> (median: Double, longest: Double) {
        var times: [Double] = []
        for _ in 0..<files {
            times.append(((try once()) * 10_000).rounded() / 10)
            usleep(UInt32(pause * 1_000_000))
        }
        return (times.sorted()[files / 2], times.max() ?? 0)
    }

    private func once() throws -> Double {
        number += 1
        let file = "quiet\(number)"
        try Tree.write([1], to: "\(running["DD_SOURCE_ROOT"])/\(name)/\(file)")
        var headers = Headers()
        headers.append("sum", "0,0")
        headers.append("parts", "1,1,1,0,0")
        let body = "\(Timestamp.now().wire) \(running["DD_SOURCE_URL"])\(name)/ \(file)"
        let start = Monotonic.now()
        _ = try client.publish(WireMessage(topic: "v02.post", headers: headers, body: body), to: "xs_" + name)
        while true {
            if let delivery = try announced.receive() {
                try announced.acknowledge([(delivery.tag, false)])
                if delivery.message.body.hasSuffix("/" + file) { return Monotonic.now() - start }
            }
            try client.poll { _ in }
            // The disk may be busy with what others have written.
            try #require(Monotonic.now() - start < 120, "\(file) of \(name) is not announced")
            var polled = pollfd(fd: announced.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&polled, 1, 100)
        }
    }
}
