/// Threads that each run one `Worker`, fed from the lines of `WorkLines`; what they made of a job goes to the pump's inbox.
final class WorkerPool: Sendable {
    /// A job and what became of it.
    struct Result: Sendable {
        let job: Job
        let outcome: Outcome
    }

    private let lines: Sleepers<WorkLines>
    private let results: Inbox<Result>
    private let count: Int
    private let make: @Sendable () -> any Worker
    private let spares = Guarded((wanted: 0, alive: 0))

    /// Starts `count` threads; `make` is called once on each. Throws when the system lets fewer start.
    init(count: Int, results: Inbox<Result>, make: @escaping @Sendable () -> any Worker) throws(ProcessError) {
        lines = Sleepers(WorkLines(count: count))
        self.count = count
        self.results = results
        self.make = make
        do throws(ProcessError) {
            for _ in 0..<count { try start { true } }
        } catch {
            // Without this those that were started would wait for ever.
            lines.close()
            throw error
        }
    }

    deinit { lines.close() }

    /// Gives a job to the next free thread.
    func start(_ job: Job) { lines.put { $0.put(job, now: Monotonic.now()) } }

    /// Takes back what no thread has begun.
    func takeBack() -> [Job] { lines.withLock { $0.takeAll() } }

    /// Takes back what no thread has begun of a queue.
    func takeBack(from queue: String) -> [Job] { lines.withLock { $0.takeAll { $0.delivery.queue == queue } } }

    /// Takes back, of what waits for a source or server whose share of the threads has not moved for `seconds`, all beyond `limit` jobs that
    /// is to be `taken`.
    func takeStuck(for seconds: Double, beyond limit: Int, where taken: (Job) -> Bool) -> [Job] {
        lines.withLock { $0.takeStuck(for: seconds, beyond: limit, now: Monotonic.now(), where: taken) }
    }

    /// How many jobs that are tried for the first time wait for a thread.
    var waiting: Int { lines.withLock { $0.waiting } }

    /// Whether jobs wait for a thread.
    var isBehind: Bool { lines.withLock { !$0.isEmpty } }

    /// Others stand in for threads that are held: those that a job has had for long, or so many as the caller knows of. A stand-in that is
    /// not needed any more leaves after its next job. Returns in words why more of them were started, or cannot be; `nil`: none are needed.
    func replace(held known: Int) -> String? {
        let (held, isShort, heaviest) = lines.withLock { lines in
            let held = max(known, lines.held(now: Monotonic.now()))
            return (held, held > 0 && lines.isShort, held > 0 ? lines.heaviest : nil)
        }
        let missing = spares.withLock { spares in
            spares.wanted = min(held, 4 * count)
            guard isShort, spares.wanted > spares.alive else { return 0 }
            defer { spares.alive = spares.wanted }
            return spares.wanted - spares.alive
        }
        var started = 0
        for _ in 0..<missing {
            do throws(ProcessError) {
                try start { [weak self] in
                    self?.spares.withLock { spares in
                        guard spares.alive > spares.wanted else { return true }
                        spares.alive -= 1
                        return false
                    } ?? false
                }
            } catch {
                spares.withLock { $0.alive -= missing - started }
                return "\(held) threads are held by what is slow, and others wait: \(error)"
            }
            started += 1
        }
        guard missing > 0 else { return nil }
        let whose =
            heaviest.map { ", most of them by posts of \($0.source.isEmpty ? "nobody named" : $0.source) at \($0.server)" } ?? ""
        return "\(held) threads are held by what is slow\(whose): \(missing) more are started for others"
    }

    private func start(while isNeeded: @escaping @Sendable () -> Bool) throws(ProcessError) {
        try Thread.start(for: "transfers") { [lines, results, make] in
            let worker = make()
            while let (job, turn) = lines.take({ $0.take(now: Monotonic.now()) }) {
                let outcome = worker.process(job)
                lines.withLock { $0.end(job, turn, now: Monotonic.now()) }
                results.put(Result(job: job, outcome: outcome))
                // The share that has become free is this thread's to use, and when it leaves, another's.
                if !isNeeded() {
                    lines.wakeAll()
                    return
                }
            }
        }
    }
}
