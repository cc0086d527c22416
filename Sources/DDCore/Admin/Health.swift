/// What is to be seen of a switch from its broker's management API.
struct Health {
    /// One thing that is wrong.
    struct Finding: Equatable {
        enum Severity: Int, Comparable {
            case warning = 1
            case critical = 2

            static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
        }

        let severity: Severity
        /// What is wrong, in a few words.
        let text: String
        /// What to do about it.
        let remedy: String
    }

    /// A queue that belongs to the switch or to one of its users.
    struct Queue {
        let name: String
        let messages: Int64
        let consumers: Int64
        /// The user whose it is; `nil`: the switch's own.
        var owner: String?
        /// It keeps what was read: how many messages it has says nothing of its readers.
        var isStream = false
        /// A full one refuses what is published (`x-overflow`), instead of losing its oldest messages.
        var refuses = false
        /// Whether its length in bytes is bounded, as far as the broker says; `nil`: it does not.
        var isBounded: Bool?
    }

    /// A binding, also one that does not survive a restart of the broker.
    struct Link {
        let source: String
        let destination: String
        let isToQueue: Bool
        let topic: String
    }

    let layout: SwitchLayout
    let state: BrokerState
    let queues: [Queue]
    let links: [Link]
    /// Sources whose posts dd_sara holds on purpose.
    let held: Set<String>
    /// Reports that had no way to a source, and posts that cannot be announced, which are kept for the administrator.
    let unrouted: Int64
    /// Messages that no queue took since the broker started.
    let unroutable: Int64
    /// Configurations of this machine that are late, with the reason.
    let late: [(title: String, why: String)]
    /// Alarms of the broker's nodes in words: `memory alarm on rabbit@host`.
    let alarms: [String]

    /// The deepest queue.
    var deepest: Queue? { waiting.max { $0.messages < $1.messages } }

    /// Those in which messages wait for a reader.
    var waiting: [Queue] { queues.filter { !$0.isStream } }

    /// Everything that is wrong, the worst first; queues with so many messages are a warning, or critical.
    func findings(warning: Int64, critical: Int64) -> [Finding] {
        let all = alarms.map {
            Finding(severity: .critical, text: $0, remedy: "free memory or disk: the broker takes no posts until then")
        }
        let some =
            depths(warning, critical) + delays + lost + consumers + downLinks + holds + objects + names + bindings + permissions
            + costlyBindings + refusingQueues + unboundedQueues + numbers
        return (all + some).sorted { $0.severity > $1.severity }
    }

    private func depths(_ warning: Int64, _ critical: Int64) -> [Finding] {
        waiting.filter { $0.messages >= min(warning, critical) }.map { queue in
            Finding(
                severity: queue.messages >= critical ? .critical : .warning,
                text: "\(queue.messages) messages wait in \(LogLine.plain(queue.name))",
                remedy: "see whether its consumer runs and keeps up (dd_sara, dd_subscribe, dd_switch log2source)")
        }
    }

    private var delays: [Finding] {
        late.map { title, why in
            Finding(
                severity: .warning, text: "\(LogLine.plain(title)) is late: \(why)",
                remedy: "see whether its source posts, and what its log says (dd_switch status \(LogLine.plain(title)))")
        }
    }

    private var lost: [Finding] {
        guard unrouted > 0 else { return [] }
        let isFull = unrouted >= SwitchLayout.unroutedKept
        return [
            Finding(
                severity: .warning,
                text: "\(unrouted) reports had no way to a source, or posts no way on from here"
                    + (isFull ? ", and older ones are gone: no more are kept" : ""),
                remedy: "dd_switch unrouted shows them and why; dd_switch unrouted clear forgets them")
        ]
    }

    /// Sources whose queue is one that earlier versions made for themselves.
    private var names: [Finding] {
        state.users.filter { NameRules.isFormerlyGenerated($0.name) }.map { user in
            Finding(
                severity: .critical,
                text: "the queue of \(LogLine.plain(user.name)) is a retry queue of an earlier version:"
                    + " what it posts could pass for another's",
                remedy: "dd_switch user remove \(LogLine.plain(user.name)), and give it another name")
        }
    }

    private var consumers: [Finding] {
        var wanted = [layout.requests: "dd_switch requests"]
        for user in state.users where user.role != .admin {
            wanted[layout.routingQueue(of: user.name)] = "dd_switch log2source"
            guard user.role.posts, user.stopped == nil, !held.contains(user.name) else { continue }
            wanted[layout.ingestQueue(of: user.name)] = "dd_sara \(layout.ingest)"
        }
        let idle = queues.filter { $0.consumers == 0 && wanted[$0.name] != nil }
        return Dictionary(grouping: idle) { wanted[$0.name] ?? "" }.sorted { $0.key < $1.key }.map { program, queues in
            let others = queues.count > 1 ? " and \(queues.count - 1) more" : ""
            // Requests can wait; what sources post and consumers report should not.
            return Finding(
                severity: queues[0].name == layout.requests ? .warning : .critical,
                text: "nobody consumes \(LogLine.plain(queues[0].name))\(others)", remedy: "start \(program)")
        }
    }

    /// Links to and from other switches that nobody serves.
    private var downLinks: [Finding] {
        let idle = Dictionary(queues.filter { $0.consumers == 0 }.map { ($0.name, $0.messages) }) { first, _ in first }
        let outgoing = state.users.compactMap(\.link).compactMap { cluster in
            idle[QueueName.link(to: cluster)].map { waiting in
                Finding(
                    severity: .warning, text: "link \(cluster) is down: \(waiting) posts wait for it",
                    remedy: "see whether dd_sara link_\(layout.cluster) runs at \(cluster) and reaches this broker")
            }
        }
        let incoming = state.all(.record).compactMap(\.upstreamCluster).compactMap { cluster in
            idle[QueueName.reports(to: cluster, feeder: layout.feeder)].map { waiting in
                Finding(
                    severity: .warning, text: "link from \(cluster) is down: \(waiting) reports wait for it",
                    remedy: "dd_sara link_\(cluster) start")
            }
        }
        return outgoing + incoming
    }

    private var holds: [Finding] {
        held.sorted().map { source in
            Finding(
                severity: .warning, text: "dd_sara holds the posts of \(LogLine.plain(source)): its quota on disk is used up",
                remedy: "dd_switch quota \(LogLine.plain(source)) --bytes … --files … allows more; or files of it are removed")
        }
    }

    private var objects: [Finding] {
        let common = findings(layout.common(feederHash: nil)) { difference in
            difference.isAddition ? "dd_switch init" : "dd_switch init \(difference.wanted.key[0])"
        }
        let upstream = state.all(.record).compactMap(\.upstreamCluster).flatMap { cluster in
            findings(layout.upstream(cluster)) { _ in "dd_switch link add \(LogLine.plain(cluster)) --from …" }
        }
        return common + upstream
            + state.users.flatMap { user in
                findings(layout.objects(of: user, passwordHash: nil)) { _ in "dd_switch user add \(user.name)" }
            }
    }

    private func findings(_ wanted: [BrokerObject], _ remedy: (Difference) -> String) -> [Finding] {
        Difference.all(wanted) { state.find($0) }.compactMap { difference in
            if difference.isAddition {
                return Finding(severity: .critical, text: "\(difference.wanted.name) is missing", remedy: remedy(difference))
            }
            // Other permissions are a finding of their own.
            guard difference.wanted.kind != .permissions else { return nil }
            return Finding(severity: .warning, text: difference.text, remedy: remedy(difference))
        }
    }

    private var bindings: [Finding] {
        links.filter { !$0.isToQueue && $0.destination.hasPrefix("xs_") }.map { link in
            Finding(
                severity: .critical, text: "\(link.name): posts of others arrive in that user's name",
                remedy: "delete the binding, and ask who made it; dd_sara refuses what comes through it")
        }
    }

    private var permissions: [Finding] {
        let users = Dictionary(state.users.map { ($0.name, $0) }) { first, _ in first }
        return state.all(.permissions).compactMap { found in
            let name = found.key[0]
            guard let user = users[name] else {
                guard name != layout.feeder, !isAdministrator(name) else { return nil }
                return Finding(
                    severity: .warning, text: "\(LogLine.plain(name)) has permissions that dd_switch did not give",
                    remedy: "dd_switch user add \(LogLine.plain(name)) takes the account over, or delete it")
            }
            let wanted = BrokerObject.permissions(name, SwitchLayout.permissions(of: user))
            guard let difference = Difference(wanted, found) else { return nil }
            return Finding(
                severity: .critical, text: "\(name) has other permissions than generated",
                remedy: "dd_switch user add \(name)"
                    + " puts them right (\(difference.text))")
        }
    }

    private func isAdministrator(_ name: String) -> Bool {
        let account = state.find(.user(name, tags: [], passwordHash: nil))
        return account?["tags"]?.array?.contains(.string("administrator")) ?? false
    }
}

extension Administration {
    /// `check`: one line for Nagios with its figures; 0, 1 or 2.
    public func check(warning: Int64, critical: Int64) throws -> (line: String, status: Int32) {
        let health = try health()
        let findings = health.findings(warning: warning, critical: critical)
        let worst = findings.first?.severity.rawValue ?? 0
        let users = health.state.users
        let deepest = health.deepest?.messages ?? 0
        let waiting = health.waiting.reduce(Int64(0)) { $0.addingReportingOverflow($1.messages).partialValue }
        var text = findings.first?.text ?? "\(users.count) users, \(waiting) messages wait"
        if findings.count > 1 { text += ", and \(findings.count - 1) more (dd_switch doctor)" }
        // `|` begins the figures.
        let plain = String(text.map { $0 == "|" ? "?" : $0 })
        let figures =
            "deepest=\(deepest);\(warning);\(critical);0 waiting=\(waiting);;;0 unroutable=\(health.unroutable)c;;;0"
            + " unrouted=\(health.unrouted);;;0"
            + " users=\(users.count);;;0 stopped=\(users.count { $0.stopped != nil });;;0 faults=\(findings.count);;;0"
        let word = ["OK", "WARNING", "CRITICAL"][worst]
        return ("DD_SWITCH \(word) - \(layout.cluster): \(plain) | \(figures)", Int32(worst))
    }

    /// `doctor`: what is wrong on the broker and what to do, one line each; how many there were.
    public func diagnose() throws -> Int {
        let findings = try health().findings(warning: 10_000, critical: 100_000)
        for finding in findings { tell("\(finding.text)\n    -> \(finding.remedy)") }
        return findings.count
    }
}
