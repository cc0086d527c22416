import DDCore

/// Fetches over http, https, ftp, ftps and sftp with libcurl.
final class CurlFetcher: Fetcher {
    static let schemes: Set<String> = ["http", "https", "ftp", "ftps", "sftp"]

    /// `nil` when libcurl could not start, which each fetch then says.
    private let handle: CurlHandle?
    private let logins: Logins
    /// The account with which private data is fetched.
    private lazy var privateLogin = logins.login(privateOf: account)
    private let account: BrokerURL?
    private let proxies: ProxyChoice
    private let knownHosts: String
    private let watch: SpeedWatch
    private let maxRedirects = 5
    /// Of the last transfer that went through.
    private var lastFacts = FileFacts()

    init(_ options: TransferOptions) {
        handle = CurlHandle(options)
        logins = Logins(options.credentials)
        account = options.account
        proxies = options.proxies
        knownHosts = options.knownHosts
        watch = SpeedWatch(limit: options.lowSpeedLimit, span: options.lowSpeedTime)
    }

    /// See `Fetcher`. Redirects of http are followed five times at most, never from https to http, each checked like the first URL.
    func fetch(_ request: FetchRequest, into sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Int64 {
        let first = try FetchURL.parts(request.url)
        return try withoutActuallyEscaping(sink) { sink in
            var url = first
            for _ in 0...maxRedirects {
                switch try attempt(url, first: first, request, sink) {
                case .done(let count): return count
                case .redirected(let next): url = next
                }
            }
            throw TransferError(.refused, "\(first) redirects more than \(maxRedirects) times")
        }
    }

    /// See `Fetcher`: `HEAD`; `SIZE` and `MDTM`. sftp is asked for the first byte, which libcurl cannot leave out.
    func facts(of url: String, policy: FetchPolicy) throws -> FileFacts {
        var request = FetchRequest(url: url, expectedSize: nil, policy: policy)
        let isShell = url.lowercased().hasPrefix("sftp:")
        if isShell { request.range = FetchRange(offset: 0, length: 1) } else { request.want = .facts }
        do {
            _ = try fetch(request) { _ in }
        } catch let error as TransferError where isShell && error.code == .changed {
            // It is there, and empty.
            return FileFacts(size: 0)
        }
        return isShell ? FileFacts() : lastFacts
    }

    private enum Attempt {
        case done(Int64)
        case redirected(URLParts)
    }

    private func attempt(
        _ url: URLParts, first: URLParts, _ request: FetchRequest, _ sink: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Attempt {
        guard let handle else { throw TransferError(.temporary, "cannot start libcurl") }
        guard request.policy.allows(url) else { throw TransferError(.notAllowed, "\(url) is not under an allow_url") }
        guard request.isFolder || !FetchURL.isFolder(url) else {
            throw TransferError(.refused, "\(url) is a folder's address, not a file's")
        }
        let answers = Answers(of: url, to: request)
        let gate = BodyGate(request, judge: answers.fault, sink: sink)
        watch.begin(at: Monotonic.now())
        let answer = handle.perform(try curlRequest(url, first: first, request), watch: watch) { gate.take($0, $1) }
        if let failure = gate.failure { throw failure }
        if let failure = answer.failure, failure.kind == .localAddress {
            throw TransferError(.notAllowed, "\(url): \(failure.text)")
        }
        if let redirect = answer.redirect, answers.isHTTP, 300..<400 ~= answer.head.status {
            return .redirected(try target(redirect, from: url, request))
        }
        if let failure = answer.failure {
            // An answer that is not the file says more than that its page was not read to the end.
            let isAnswered = answers.isHTTP && answer.head.status >= 200
            if let fault = isAnswered ? gate.fault(answer.head) : gate.refusal { throw fault }
            throw answers.error(failure, answer.head, knownHosts)
        }
        if let fault = gate.fault(answer.head) { throw fault }
        try gate.finish()
        lastFacts = FileFacts(
            size: answer.head.encoding == nil ? answer.head.length : nil, modified: answer.head.modified)
        return .done(gate.count)
    }

    /// Where a redirect leads, if it may lead there. What account it names is the server's affair.
    private func target(_ text: String, from url: URLParts, _ request: FetchRequest) throws(TransferError) -> URLParts {
        let next: URLParts
        // Servers that leave blanks as they are mean them, as browsers take them.
        do throws(ConfigError) { next = try URLParts(text.replacing(" ", with: "%20")) } catch {
            throw TransferError(.refused, "\(url) redirects to a \(error)")
        }
        try FetchURL.checkFolder(url, next, request)
        guard next.scheme == "http" || next.scheme == "https" else {
            throw TransferError(.notAllowed, "\(url) redirects to \(next.withoutAccount): only http and https are followed")
        }
        guard next.scheme == "https" || url.scheme == "http" else {
            throw TransferError(.notAllowed, "\(url) redirects from https to http")
        }
        return next.withoutAccount
    }

    private func curlRequest(_ url: URLParts, first: URLParts, _ request: FetchRequest) throws(TransferError) -> CurlRequest {
        let allowsLocal = request.policy.allowsLocalAddress(url)
        guard allowsLocal || !SocketAddress.isLocal(host: url.host) else {
            throw TransferError(.notAllowed, "\(url) names an address of this machine or link")
        }
        // A redirect's target gets the account only when it is the server that the account is for.
        let entry = url.isSameServer(as: first) ? logins.entry(for: first) : nil
        let startsTLS = FetchURL.startsTLS(url, entry?.options)
        let proxy = proxies.proxy(for: url)
        return CurlRequest(
            url: FetchURL.forCurl(url, startsTLS: startsTLS, isFolder: request.isFolder), part: request.part, want: request.want,
            login: try login(entry, for: url, first: first, request), startsTLS: startsTLS,
            // After a part of a file the replies of an ftp server are no longer in step with libcurl's commands.
            isLast: request.part != nil && (url.scheme == "ftp" || url.scheme == "ftps"), proxy: proxy,
            // Behind a proxy only the proxy's address can be seen, and that is the administrator's choice.
            allowsLocal: allowsLocal || proxy != nil)
    }

    /// What credentials.conf says goes first. Private data of the switch that the post came from is fetched with the account there.
    private func login(
        _ entry: Credentials.Entry?, for url: URLParts, first: URLParts, _ request: FetchRequest
    ) throws(TransferError) -> CurlLogin {
        if entry == nil, request.policy.isPrivate, url.scheme == "http" || url.scheme == "https", url.isSameServer(as: first),
            let privateLogin
        {
            return privateLogin
        }
        return try logins.login(entry, for: url)
    }
}
