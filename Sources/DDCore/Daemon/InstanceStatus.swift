/// One process of a configuration, as it and who keeps it running tell of it.
struct InstanceStatus {
    let number: Int
    /// In words.
    let text: String
    let runs: Bool
    /// What it says of its work; `nil`: nothing, or what is not known here.
    var state: WorkState?
    /// The exit status with which it ended; `nil` while it runs or is being started.
    var ended: Int32?
    /// What it has told of its work last.
    var figures: FlowFigures?
    /// When it said something last, whatever it was, in seconds since 1970; `nil`: not known.
    var spokeAt: Int64?

    /// It works: its broker has been reached.
    var isReady: Bool { state != nil && state != .notConnected }
}

extension DaemonFiles {
    /// One for each process; none when nobody keeps them running.
    func instances() -> [InstanceStatus] {
        guard let (_, note) = PidFile.holder(of: keeper) else { return [] }
        return note.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let number = Int(words[0]) else { return nil }
            guard words[1] == "runs" else {
                let status = words[1].split(separator: " ").lazy.compactMap { Int32($0.filter(\.isNumber)) }.first
                return InstanceStatus(number: number, text: String(words[1]), runs: false, ended: status ?? ExitStatus.failed)
            }
            guard let (process, note) = PidFile.holder(of: instance(number)) else {
                return InstanceStatus(number: number, text: "is being started", runs: false)
            }
            let lines = note.split(separator: "\n")
            let state = lines.first.map(String.init) ?? ""
            let text = "running, process \(process.pid)" + (state.isEmpty ? "" : ", \(state)")
            // The longest first: "not connected to all of its brokers" begins like another.
            let known = [WorkState.partlyConnected, .notConnected, .connected, .looking, .resting]
            let figures = lines.dropFirst().first.flatMap { try? JSONParser.parse(String($0)) }.flatMap(FlowFigures.init)
            return InstanceStatus(
                number: number, text: text, runs: true, state: known.first { state.hasPrefix($0.rawValue) }, figures: figures,
                spokeAt: PidFile.written(instance(number)))
        }
    }
}
