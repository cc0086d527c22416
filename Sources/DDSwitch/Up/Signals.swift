import Glibc

/// The signals that are waited for instead of being delivered.
struct Signals {
    private var set = sigset_t()

    /// Blocks them for this thread. To be called before anything else is started.
    init() {
        signal(SIGPIPE, SIG_IGN)
        sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGCHLD] { sigaddset(&set, number) }
        sigprocmask(SIG_BLOCK, &set, nil)
    }

    struct Signal {
        let number: Int32
        /// Whether the switch is to end; otherwise one of its programs has.
        var ends: Bool { number != SIGCHLD }
    }

    /// The next signal; `nil` when none came within this time. Without a limit it waits for ever.
    func next(within limit: Duration?) -> Signal? {
        var set = set
        guard let limit else {
            let number = sigwaitinfo(&set, nil)
            return number > 0 ? Signal(number: number) : nil
        }
        let parts = max(limit, .zero).components
        var time = timespec(tv_sec: Int(parts.seconds), tv_nsec: Int(parts.attoseconds / 1_000_000_000))
        let number = sigtimedwait(&set, nil, &time)
        return number > 0 ? Signal(number: number) : nil
    }
}
