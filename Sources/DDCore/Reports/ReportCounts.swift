/// What was not routed, by reason: the first few of a minute are said one by one, all of them in a summary.
struct ReportCounts {
    private var counts: [String: Int] = [:]
    private var began: Double

    private static let saidSingly = 5
    private static let kinds = 200

    init(now: Double) { began = now }

    /// Counts one; whether it is to be said by itself.
    mutating func count(_ kind: String) -> Bool {
        let kind = counts[kind] != nil || counts.count < Self.kinds ? kind : "other"
        counts[kind, default: 0] += 1
        return counts[kind, default: 0] <= Self.saidSingly
    }

    /// A line once a minute when there is something that was not said singly; then it is counted afresh.
    mutating func summary(now: Double) -> String? {
        guard now - began >= 60 else { return nil }
        defer {
            counts = [:]
            if now.isFinite { began = now }
        }
        let many = counts.filter { $0.value > Self.saidSingly }.sorted { $0.key < $1.key }
        guard !many.isEmpty else { return nil }
        return "reports not routed within a minute: " + many.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    }
}
