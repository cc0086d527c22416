/// Threads that each run one `Worker`, fed from one mailbox; what they made of a job goes to the pump's inbox.
final class WorkerPool: Sendable {
    /// A job and what became of it.
    struct Result: Sendable {
        let job: Job
        let outcome: Outcome
    }

    private let jobs = Mailbox<Job>()

    /// Starts `count` threads; `make` is called once on each.
    init(count: Int, results: Inbox<Result>, make: @escaping @Sendable () -> any Worker) {
        let jobs = self.jobs
        for _ in 0..<count {
            Thread.start {
                let worker = make()
                while let job = jobs.take() {
                    results.put(Result(job: job, outcome: worker.process(job)))
                }
            }
        }
    }

    deinit { jobs.close() }

    /// Gives a job to the next free thread.
    func start(_ job: Job) { jobs.put(job) }

    /// Takes back what no thread has begun.
    func takeBack() -> [Job] { jobs.clear() }
}
