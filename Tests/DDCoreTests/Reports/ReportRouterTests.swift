import DDTestSupport
import Testing

@testable import DDCore

@Suite("the way of reports")
struct ReportRouterTests {
    private func reader(_ options: String...) throws -> ReportIntake {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "broker amqp://feeder:secret@127.0.0.1/\ncluster here\nexchange xs_bob\nexchange xs_alice\n", to: "switch.conf")
        let environment = ["DD_CONFIG_HOME": folder.path, "DD_STATE_HOME": folder.path]
        let launch = try RoutingOptions.load(arguments: options + ["--log_level", "error", file], environment: environment)
        guard case .run(let loaded) = launch else { throw MessageError(.text, "help") }
        return ReportIntake(loaded)
    }

    private func delivery(
        _ headers: Headers = ["source": "alice"], of user: String = "bob", body: String? = nil, defect: String? = nil
    ) -> Delivery {
        var delivery = Delivery(
            tag: 1, redelivered: false, exchange: "xs_" + user, userID: nil, isDeadLettered: false,
            message: WireMessage(
                topic: "v02.log.x", headers: headers, body: body ?? "20240229120000.0 http://h/ f 201 host mallory 0.5"),
            defect: defect)
        delivery.queue = QueueName.logRouting(user: user)
        return delivery
    }

    private func exchanges(_ consideration: Consideration) -> [String] {
        guard case .settled(let outcome) = consideration else { return [] }
        return outcome.reports.map(\.exchange)
    }

    private func reason(_ consideration: Consideration) -> String? {
        guard case .settled(let outcome) = consideration else { return nil }
        return outcome.reports.last?.message.headers[Report.reasonHeader]
    }

    @Test("a report goes to the log and to the source, in its sender's name")
    func routed() throws {
        let consideration = try reader().consider(delivery())
        #expect(exchanges(consideration) == ["xlog", "xl_alice"])
        guard case .settled(let outcome) = consideration else { return }
        for message in outcome.reports.map(\.message) { #expect(try ReportCodec.decode(message).user == "bob") }
        #expect(outcome.reports.last?.ifMissing == .publish(to: "xunrouted"))
    }

    @Test("what has no way to a source goes to the log and is kept with the reason")
    func unrouted() throws {
        let reader = try reader()
        for (headers, why) in [
            (["source": "alice", "from_cluster": "there"], "no way to cluster there"),
            (["source": "carol"], "there is no source carol"), ([:], "it does not say whose data it is about"),
            (["source": "a/b"], "it does not say whose data it is about"),
        ] as [(Headers, String)] {
            let consideration = reader.consider(delivery(headers))
            #expect(exchanges(consideration) == ["xlog", "xunrouted"], "\(why)")
            #expect(reason(consideration) == why)
        }
    }

    @Test("what is no report of its sender's is kept with the reason, its beginning only, and not logged as a report")
    func unreadable() throws {
        let reader = try reader()
        let long = String(repeating: "é", count: 5000)
        var forged = delivery(of: "alice")
        forged = Delivery(
            tag: 1, redelivered: false, exchange: forged.exchange, userID: "bob", isDeadLettered: false, message: forged.message,
            defect: nil)
        for delivery in [delivery(body: long), delivery(body: ""), delivery(defect: "the body is not UTF-8"), forged] {
            let consideration = reader.consider(delivery)
            #expect(exchanges(consideration) == ["xunrouted"])
            guard case .settled(let outcome) = consideration, let message = outcome.reports.first?.message else { continue }
            #expect(message.body.utf8.count <= 1010 && message.topic == "v02.log")
            #expect((message.headers[Report.reasonHeader]?.utf8.count ?? 0) <= 255)
        }
    }

    @Test("reports above the rate wait, each user's for himself, and none is let go")
    func rate() throws {
        let reader = try reader("--report_rate", "10")
        var passed = 0
        var waits: [Double] = []
        for _ in 0..<50 {
            switch reader.consider(delivery()) {
            case .settled: passed += 1
            case .wait(let seconds): waits.append(seconds)
            default: Issue.record("neither routed nor waiting")
            }
        }
        #expect(passed >= 10 && passed + waits.count == 50 && !waits.isEmpty)
        #expect(waits.allSatisfy { $0 > 0 && $0 <= 1 })
        #expect(exchanges(reader.consider(delivery(of: "alice"))) == ["xlog", "xl_alice"])
    }

    @Test("users come and go with the administrator's words")
    func users() throws {
        let reader = try reader()
        #expect(reader.queues().map(\.plan.name) == ["q_feeder.dd_log.routing.alice", "q_feeder.dd_log.routing.bob"])
        func say(_ record: UserRecord, on exchange: String = "xctl") {
            var order = Delivery(
                tag: 1, redelivered: false, exchange: exchange, userID: "admin", isDeadLettered: false,
                message: ControlMessage(.add, record, by: "admin").wire, defect: nil)
            order.queue = "q_feeder.control"
            _ = reader.consider(order)
        }
        reader.connected {}
        say(UserRecord(name: "carol", role: .consumer))
        say(UserRecord(name: "root", role: .admin))
        say(UserRecord(name: "mallory", role: .source), on: "xs_mallory")
        #expect(reader.queues().count == 2)
        let before = reader.queueVersion
        reader.caughtUp()
        #expect(reader.queueVersion > before)
        #expect(reader.queues().map(\.plan.name).last == "q_feeder.dd_log.routing.carol" && reader.queues().count == 3)
        #expect(exchanges(reader.consider(delivery(["source": "carol"]))) == ["xlog", "xl_carol"])
        var gone = UserRecord(name: "carol", role: .consumer)
        gone.removed = .now()
        say(gone)
        #expect(reader.queues().count == 2)
    }
}
