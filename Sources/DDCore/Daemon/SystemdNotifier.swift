import Glibc

/// Tells systemd how the service is (`Type=notify`, sd_notify(3)): lines of text to the socket that `NOTIFY_SOCKET` names.
public final class SystemdNotifier {
    private let descriptor: Int32
    private var isReady = false

    /// A notifier to the socket that the environment names; `nil`: this is no such service.
    public init?(_ environment: [String: String]) {
        guard let path = environment["NOTIFY_SOCKET"], path.hasPrefix("/") || path.hasPrefix("@") else { return nil }
        var name = Array(path.utf8)
        // An abstract one.
        if path.hasPrefix("@") { name[0] = 0 }
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        guard UnixAddress.with(name, { connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// What the work does: the service is ready when its broker has been reached for the first time.
    public func says(_ state: WorkState) {
        let ready = !isReady && state != .notConnected ? "READY=1\n" : ""
        if !ready.isEmpty { isReady = true }
        send("\(ready)STATUS=\(state.rawValue)\nWATCHDOG=1")
    }

    /// What it has done; it goes on.
    public func tells(_ figures: FlowFigures) {
        let queue = figures.queued.map { ", \($0) in the queue" } ?? ""
        let waiting = figures.waiting == 0 ? "" : ", \(figures.waiting) wait for another try"
        send("STATUS=\(figures.total.done) done, \(figures.total.failed) failed\(queue)\(waiting)\nWATCHDOG=1")
    }

    /// It is about to end.
    public func isEnding() { send("STOPPING=1") }

    /// A message that nobody takes is left out: it is about a state that is soon another one.
    private func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}

extension Pump {
    /// Runs as `run`, and tells systemd of it where that started the program.
    public func runNotifying() throws {
        let notifier = SystemdNotifier(ProcessEnvironment.initial())
        says = { notifier?.says($0) }
        if let notifier { tells = notifier.tells }
        _ = try run()
        notifier?.isEnding()
    }
}
