/// A fetcher that tells `Servers` which of them answer, and asks it before each fetch. One per worker thread.
public final class WatchedFetcher: Fetcher {
    private let fetcher: any Fetcher
    private let servers: Servers
    private let log: Log

    /// Watches `fetcher`.
    public init(_ fetcher: any Fetcher, _ servers: Servers, log: Log) {
        self.fetcher = fetcher
        self.servers = servers
        self.log = log
    }

    /// See `Fetcher`. Throws `Servers.Closed` besides.
    public func fetch(_ request: FetchRequest, into sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Int64 {
        let server = servers.name(of: request.url, for: request.policy.source)
        let number = try servers.begin(server)
        let began = Monotonic.now()
        var isSilent = true
        func hear() {
            isSilent = false
            if servers.answered(server, number) { log.notice("\(server) answers again") }
        }
        do {
            let count = try fetcher.fetch(request) { bytes in
                if isSilent { hear() }
                try sink(bytes)
            }
            if isSilent { hear() }
            return count
        } catch {
            if isSilent {
                // A gateway that says after a minute that nobody is behind it has held the thread as long.
                let code = (error as? TransferError)?.code
                if code == .unreachable || code == .temporary && Monotonic.now() - began > Servers.patience {
                    if servers.failed(server, number) {
                        log.warning("\(server) does not answer: its files wait, others go on (\(error))")
                    }
                } else {
                    hear()
                }
            }
            throw error
        }
    }

    /// See `Fetcher`. Not watched: what is asked for on the way is no transfer.
    public func facts(of url: String, policy: FetchPolicy) throws -> FileFacts { try fetcher.facts(of: url, policy: policy) }
}
