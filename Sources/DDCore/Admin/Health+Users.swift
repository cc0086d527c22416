/// What users do with queues, exchanges and bindings of their own that costs others. The broker's permissions know names, and neither what
/// a queue is like nor how many there are: what they cannot prevent is named here, with its owner.
extension Health {
    /// Bindings whose topics take the broker seconds for each message, by whatever exchange the messages come.
    var costlyBindings: [Finding] {
        links.filter { BindingTopic.isCostly($0.topic) }.map { link in
            let owner = owner(of: link.destination) ?? owner(of: link.source)
            return Finding(
                severity: .critical, text: "\(link.name) makes the broker search for seconds with each message",
                remedy: "delete \(LogLine.plain(link.destination)), which takes the binding with it" + Self.stop(owner))
        }
    }

    /// Queues of users that refuse, when they are full, what is published for everybody.
    var refusingQueues: [Finding] {
        let reached = reachedFromTheSwitch
        return queues.filter { $0.refuses && $0.owner != nil && reached.contains($0.name) }.map { queue in
            Finding(
                severity: .warning,
                text: "\(LogLine.plain(queue.name)) of \(queue.owner ?? "") refuses announcements when it is full (x-overflow)",
                remedy: "tell the owner to make it without x-overflow: what it refuses is passed by, and missing there")
        }
    }

    /// Queues of users that no policy bounds.
    var unboundedQueues: [Finding] {
        queues.filter { $0.owner != nil && $0.isBounded == false }.map { queue in
            Finding(
                severity: .warning, text: "\(LogLine.plain(queue.name)) of \(queue.owner ?? "") may grow without a bound",
                remedy: "dd_switch init dd_queues dd_streams puts the policies right; see which other policy holds for it")
        }
    }

    /// Users with more queues or bindings than the configuration expects of one.
    var numbers: [Finding] {
        let ofQueues = Dictionary(grouping: queues.compactMap(\.owner)) { $0 }.mapValues { Int64($0.count) }
        let ofBindings = Dictionary(grouping: links.compactMap { owner(of: $0.destination) }) { $0 }.mapValues { Int64($0.count) }
        func findings(_ counts: [String: Int64], _ most: Int64, _ what: String) -> [Finding] {
            counts.filter { $0.value > most }.sorted { $0.key < $1.key }.map { user, count in
                Finding(
                    severity: .warning, text: "\(user) has \(count) \(what), more than \(most)",
                    remedy: "ask \(user) what they are for, or raise user_\(what) in switch.conf" + Self.stop(user))
            }
        }
        return findings(ofQueues, layout.mostQueues, "queues") + findings(ofBindings, layout.mostBindings, "bindings")
    }

    /// All that messages of the switch's own exchanges reach, also by exchanges of users.
    private var reachedFromTheSwitch: Set<String> {
        let from = Dictionary(grouping: links) { $0.source }
        var open = Array(Set(links.map(\.source)).filter { $0.hasPrefix("x") })
        var exchanges = Set(open)
        var queues: Set<String> = []
        while let exchange = open.popLast() {
            for link in from[exchange] ?? [] {
                if link.isToQueue {
                    queues.insert(link.destination)
                } else if exchanges.insert(link.destination).inserted {
                    open.append(link.destination)
                }
            }
        }
        return queues
    }

    private func owner(of name: String) -> String? { UserNames(state.users.map(\.name)).owner(of: name) }

    private static func stop(_ owner: String?) -> String {
        owner.map { "; dd_switch user stop \($0) keeps it from coming again" } ?? ""
    }
}

extension Health.Link {
    /// As the objects of the switch are called.
    var name: String {
        let shown = topic.count > 60 ? topic.prefix(60) + "…" : topic[...]
        return LogLine.plain("binding \(source) -> \(destination) \(shown)")
    }
}

/// Finds out whose a queue or an exchange is. No user's name is the beginning of another's with `.` or `_` behind it.
struct UserNames {
    private let names: Set<String>

    init(_ names: [String]) { self.names = Set(names) }

    /// The user under whose prefix (`q_<user>.` or `q_<user>_`) a name is; `nil`: nobody's.
    func owner(of name: String) -> String? {
        guard name.hasPrefix("q_") else { return nil }
        let rest = name.dropFirst(2)
        return rest.indices.lazy.filter { rest[$0] == "." || rest[$0] == "_" }.map { String(rest[..<$0]) }
            .first { names.contains($0) }
    }
}
