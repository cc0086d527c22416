/// `dd_permit`: tells the switch who may have a private tree, or asks it, and shows what the switches on the way answer.
public final class PermitRequest {
    private let options: PermitOptions
    private let stop: StopSignal
    private var output = OutputLines()

    /// A request for what `options` say.
    public init(_ options: PermitOptions, stop: StopSignal) { (self.options, self.stop) = (options, stop) }

    /// Sends it, writes a line for each answer, and returns the exit status: 0 when the switches of all users named have answered that it holds.
    public func run() throws -> Int32 {
        var post = ProbeIntake.post(".permit")
        post.permit = options.permit
        post.toUsers = options.users.map(\.description)
        let log = options.common.log
        let isList = options.permit.action == .list
        // Which switch answers to `list` is not known before.
        let clusters = isList ? [PermitRequest.own] : Set(options.users.map(\.cluster)).sorted()
        let intake = try ProbeIntake(post, to: options.exchange, awaited: clusters) { [unowned self] in show($0) }
        let pump = try Pump(PumpSettings(asking: options.broker, options.common), intake: intake, stop: stop, log: log)
        _ = try pump.run()
        if let failure = output.failure {
            log.error("\(failure)")
            return ExitStatus.system
        }
        if let signal = stop.number { return ExitStatus.signal(signal) }
        for name in intake.awaited.union(intake.passed).subtracting(intake.heard).sorted() {
            let whose = name == PermitRequest.own ? "the switch" : name
            log.error("no word from \(whose): what was asked waits on the broker, and holds there as soon as it is reached")
        }
        return intake.isAnswered && !intake.hasFailed ? ExitStatus.done : ExitStatus.failed
    }

    /// Stands for the cluster of the switch that is asked, whose name no cluster has.
    static let own = "/"

    private func show(_ report: Report) {
        let users = report.post.toUsers
        // That all trees have been told is no line of its own.
        if options.permit.action == .list, report.code == 201 { return }
        if options.json {
            var members = [
                JSONMember("code", .integer(Int64(report.code))), JSONMember("cluster", .string(ProbeIntake.name(report))),
                JSONMember("message", .string(report.message)),
            ]
            if report.code == 200 {
                members = [
                    JSONMember("tree", .string(report.post.permit?.tree ?? "")),
                    JSONMember("users", .array(users.map { .string($0) })),
                ]
            }
            output.write(JSONValue.object(members).text + "\n")
        } else if report.code == 200 {
            let whom = users.isEmpty ? "nobody" : users.joined(separator: " ")
            output.write("\(LogLine.plain(report.post.permit?.tree ?? ""))\t\(LogLine.plain(whom))\n")
        } else {
            output.write(ProbeIntake.line(report))
        }
        output.flush()
    }
}
