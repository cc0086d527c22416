/// The figures of all configurations in the text form of Prometheus (exposition format 0.0.4): base units, counters end in `_total`, and no
/// label is as many as there are files or sources.
public enum ServiceMetrics {
    private typealias Value = @Sendable (ServiceStatus) -> Double?

    private static let families: [(name: String, type: String, help: String, value: Value)] = [
        ("dd_up", "gauge", "Whether all processes of the configuration run and are connected.", { isUp($0) ? 1 : 0 }),
        ("dd_processes", "gauge", "Processes that run.", { Double($0.processes.running) }),
        ("dd_processes_wanted", "gauge", "Processes that are to run.", { Double($0.processes.wanted) }),
        ("dd_messages_received_total", "counter", "Messages received since the start.", count { $0.total.received }),
        ("dd_files_done_total", "counter", "Files stored, sent or announced since the start.", count { $0.total.done }),
        ("dd_messages_passed_total", "counter", "Messages not wanted, or of what was there.", count { $0.total.passed }),
        ("dd_files_failed_total", "counter", "Files that were given up since the start.", count { $0.total.failed }),
        ("dd_bytes_fetched_total", "counter", "Bytes fetched since the start.", count { Int($0.total.bytes) }),
        ("dd_queue_messages", "gauge", "Messages ready in the queues.", { $0.figures?.queued.map(Double.init) }),
        ("dd_retries_waiting", "gauge", "Posts that wait for another try.", count { $0.waiting }),
        ("dd_sources_held", "gauge", "Sources whose posts wait on purpose.", count { $0.held.count }),
        ("dd_lag_seconds", "gauge", "How old the last post was when it came.", { $0.figures?.lag }),
        ("dd_last_file_timestamp_seconds", "gauge", "When the last file was done.", { $0.figures?.last.map { Double($0.at) } }),
        (
            "dd_heard_timestamp_seconds", "gauge", "When its processes told of their work last.",
            { $0.figures.map { Double($0.at) } }
        ),
    ]

    private static func count(_ figure: @escaping @Sendable (FlowFigures) -> Int) -> Value {
        { status in status.figures.map { Double(figure($0)) } }
    }

    private static func isUp(_ status: ServiceStatus) -> Bool {
        ![.stopped, .failed, .disconnected, .hung].contains(status.state)
    }

    /// The text.
    public static func text(_ statuses: [ServiceStatus]) -> String {
        var text = ""
        for family in families {
            text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.type)\n"
            for status in statuses {
                guard let value = family.value(status) else { continue }
                text += "\(family.name){\(labels(status))} \(number(value))\n"
            }
        }
        text += "# HELP dd_state The state of the configuration: 1 for the one it is in.\n# TYPE dd_state gauge\n"
        for status in statuses {
            for state in ServiceStatus.State.allCases {
                text += "dd_state{\(labels(status)),state=\"\(state.rawValue)\"} \(state == status.state ? 1 : 0)\n"
            }
        }
        return text
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private static func labels(_ status: ServiceStatus) -> String {
        "component=\"\(escaped(status.service.component))\",name=\"\(escaped(status.service.name))\""
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
