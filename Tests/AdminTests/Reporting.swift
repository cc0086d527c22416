import Glibc
import Testing

@testable import DDCore

/// A user's own connection, on which he reports.
final class Reporting {
    private let publisher: AMQPPublisher
    private let name: String
    private var window = ConfirmWindow<Void>()
    /// Reports that his full queue refused.
    private(set) var refused = 0

    init(_ desk: Desk, _ user: String) throws {
        name = desk.name(user)
        publisher = try AMQPPublisher(try desk.settings(user))
    }

    deinit { publisher.close() }

    /// Reports on a file of a source's.
    func report(about source: String) throws {
        try report("\(Timestamp.now().wire) http://elsewhere/ f 201 host x 0.5", ["source": source])
        try settle()
    }

    /// Publishes a report as it is; at most 1000 are on their way.
    func report(_ body: String, _ headers: Headers) throws {
        let sequence = try publisher.publish(WireMessage(topic: "v02.log.x", headers: headers, body: body), to: "xs_" + name)
        window.add((), sequence: sequence)
        if window.count > 1000 { try settle(to: 500) }
    }

    /// Waits until the broker has said of all but `count` whether it has them.
    func settle(to count: Int = 0) throws {
        let end = Monotonic.now() + 60
        while window.count > count {
            try publisher.poll { confirmation in
                switch confirmation {
                case .taken(let sequence, let multiple): window.settle(sequence, multiple: multiple) { _ in }
                case .refused(let sequence, let multiple):
                    window.settle(sequence, multiple: multiple) { _ in refused += 1 }
                case .unroutable: break
                }
            }
            try #require(Monotonic.now() < end)
            var polled = pollfd(fd: publisher.descriptor, events: Int16(POLLIN), revents: 0)
            if window.count > count { poll(&polled, 1, 1000) }
        }
    }
}

/// What a source hears: the reports that reach its stream.
final class Source {
    private let consumer: AMQPConsumer
    private let descriptor: Int32
    private(set) var users: [String: Int] = [:]

    init(_ desk: Desk, _ user: String) throws {
        consumer = try AMQPConsumer(try desk.settings(user), prefetch: 2000)
        descriptor = consumer.descriptor
        var plan = QueuePlan(name: QueueName.reports(of: desk.name(user)))
        plan.streamOffset = .first
        try consumer.consume(plan)
    }

    deinit { consumer.close() }

    /// Counts what comes, by who reported, until that is enough; whether it was in time.
    func listen(seconds: Double, until isEnough: ([String: Int]) -> Bool) throws -> Bool {
        let end = Monotonic.now() + seconds
        while !isEnough(users), Monotonic.now() < end {
            var last: UInt64?
            while let delivery = try consumer.receive() {
                users[try ReportCodec.decode(delivery.message).user, default: 0] += 1
                last = delivery.tag
            }
            if let last { try consumer.acknowledge([(last, true)]) }
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if last == nil { poll(&polled, 1, 100) }
        }
        return isEnough(users)
    }
}
