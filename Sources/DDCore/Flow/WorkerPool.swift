/// Threads that each run one `Worker`, fed from one mailbox, in which each queue has its line; what they made of a job goes to the pump's inbox.
final class WorkerPool: Sendable {
    /// A job and what became of it.
    struct Result: Sendable {
        let job: Job
        let outcome: Outcome
    }

    private let jobs = FairMailbox<Job>()
    private let results: Inbox<Result>
    private let count: Int
    private let make: @Sendable () -> any Worker
    private let spares = Guarded((wanted: 0, alive: 0))

    /// Starts `count` threads; `make` is called once on each.
    init(count: Int, results: Inbox<Result>, make: @escaping @Sendable () -> any Worker) {
        self.count = count
        self.results = results
        self.make = make
        for _ in 0..<count { start { true } }
    }

    deinit { jobs.close() }

    /// Gives a job to the next free thread. What has waited for another try takes few of the threads' turns while others wait for their
    /// first: what fails must not cost them more than its own first try.
    func start(_ job: Job) { jobs.put(job, in: job.hasWaited ? nil : job.delivery.queue) }

    /// Takes back what no thread has begun.
    func takeBack() -> [Job] { jobs.clear() }

    /// Takes back what no thread has begun of a queue.
    func takeBack(from queue: String) -> [Job] { jobs.clear(queue) { $0.delivery.queue == queue } }

    /// Whether jobs wait for a thread.
    var isBehind: Bool { !jobs.isEmpty }

    /// Other threads stand in for those that are held by servers that do not answer; at most four times as many. One that is not needed any
    /// more leaves after its next job.
    func replace(held: Int) {
        let missing = spares.withLock { spares in
            spares.wanted = min(held, 4 * count)
            defer { spares.alive = max(spares.alive, spares.wanted) }
            return max(0, spares.wanted - spares.alive)
        }
        for _ in 0..<missing {
            start { [weak self] in
                self?.spares.withLock { spares in
                    guard spares.alive > spares.wanted else { return true }
                    spares.alive -= 1
                    return false
                } ?? false
            }
        }
    }

    private func start(while isNeeded: @escaping @Sendable () -> Bool) {
        Thread.start { [jobs, results, make] in
            let worker = make()
            while let job = jobs.take() {
                results.put(Result(job: job, outcome: worker.process(job)))
                if !isNeeded() { return }
            }
        }
    }
}
