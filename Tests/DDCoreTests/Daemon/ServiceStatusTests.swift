import Testing

@testable import DDCore

@Suite("the state of a configuration")
struct ServiceStatusTests {
    private static let now: Int64 = 1_000_000
    private static let service = ServiceList.Service(component: "sara", name: "ingest", path: nil)

    /// One process that is connected and has told `figures`, changed by `change`, 10 s ago.
    private static func process(_ change: (inout FlowFigures) -> Void) -> InstanceStatus {
        var figures = FlowFigures(at: now - 10)
        figures.last = ("radar/a.gif", now - 20)
        figures.minute.received = 10
        figures.minute.done = 10
        change(&figures)
        return InstanceStatus(
            number: 1, text: "running", runs: true, state: .connected, figures: figures, spokeAt: now - 10)
    }

    private static let states: [(ServiceStatus.State, [InstanceStatus])] = [
        (.stopped, []),
        (.running, [process { _ in }]),
        (.failed, [process { _ in }, InstanceStatus(number: 2, text: "ended with status 78", runs: false, ended: 78)]),
        (.disconnected, [process { _ in }, InstanceStatus(number: 2, text: "is being started", runs: false)]),
        (.disconnected, [InstanceStatus(number: 1, text: "not connected", runs: true, state: .notConnected)]),
        (.hung, [process { $0.at = now - 451 }]),
        (.hung, [process { _ in }, process { $0.at = now - 451 }]),
        (.hung, [InstanceStatus(number: 1, text: "connected", runs: true, state: .connected, spokeAt: now - 451)]),
        (.running, [InstanceStatus(number: 1, text: "connected", runs: true, state: .connected, spokeAt: now - 10)]),
        (.held, [process { $0.held = ["alice"] }]),
        (.late, [process { $0.expected = .init(since: now - 1000, deadline: 19) }]),
        (.running, [process { $0.expected = .init(since: now - 1000, deadline: 20) }]),
        // Since the start, where nothing has come yet.
        (.running, [process { $0.expected = .init(since: now - 10, deadline: 15) }]),
        (.late, [process { $0.expected = .init(since: now - 1000, minimum: 11) }]),
        (.running, [process { $0.expected = .init(since: now - 1000, minimum: 10) }]),
        (.running, [process { $0.expected = .init(since: now - 60, minimum: 11) }]),
        (.retrying, [process { $0.waiting = 1001 }]),
        (.running, [process { $0.waiting = 1000 }]),
        (.lagging, [process { $0.lag = 31 }]),
        (.rejecting, [process { $0.minute.passed = 9 }]),
        (.running, [process { $0.minute.passed = 8 }]),
        (
            .idle,
            [
                process {
                    $0.minute = .init()
                    $0.last = ("radar/a.gif", now - 901)
                }
            ]
        ),
    ]

    @Test("the worst that is true, from what the processes have told", arguments: states.indices)
    func judged(_ index: Int) {
        let (state, instances) = Self.states[index]
        let status = ServiceStatus(Self.service, instances, .init(), now: Self.now)
        #expect(status.state == state, "\(status.why)")
    }

    @Test("a process that has told nothing since it was connected hangs, unless it rests between two looks")
    func resting() {
        let resting = InstanceStatus(number: 1, text: "resting", runs: true, state: .resting, spokeAt: 0)
        #expect(ServiceStatus(Self.service, [resting], .init(), now: Self.now).state == .running)
    }
}
