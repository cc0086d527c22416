import DDCore

/// Judges what a server said, and why a transfer failed, in the words of posts.
struct Answers {
    private let url: URLParts
    private let request: FetchRequest

    /// Of the server of `url` to `request`; after a redirect `url` is another than the request's.
    init(of url: URLParts, to request: FetchRequest) {
        self.url = url
        self.request = request
    }

    var isHTTP: Bool { url.scheme == "http" || url.scheme == "https" }

    private var isFTP: Bool { url.scheme == "ftp" || url.scheme == "ftps" }

    /// What is wrong with an answer; `nil`: its body is the bytes asked for.
    func fault(_ head: AnswerHead) -> TransferError? {
        if isHTTP { return HTTPAnswer.fault(head, "\(url)", request) }
        // libcurl takes 450 for a folder without files.
        if isFTP, request.isFolder, head.status >= 400 {
            return TransferError(.temporary, "cannot list \(url): the server says \(head.status)")
        }
        // Of a file that is empty, or has become so, libcurl over sftp knows no size, and passes the range over.
        guard url.scheme == "sftp", let part = request.part, head.length == nil else { return nil }
        return TransferError(.changed, "\(url) has changed since it was announced: it has no byte \(part.offset)")
    }

    /// What is said about a transfer that did not go through.
    func error(_ failure: CurlFailure, _ head: AnswerHead, _ knownHosts: String) -> TransferError {
        // Of ftp, 4yz is "try again" (RFC 959, 4.2.1), whatever it is the answer to; libcurl calls 421, which a server says that is about to
        // end, a timeout.
        if isFTP, 400..<500 ~= head.status,
            [.missing, .denied, .beyondEnd, .noRanges, .silent].contains(failure.kind)
        {
            let code: TransferError.Code = failure.kind == .silent ? .unreachable : .temporary
            return TransferError(code, "cannot fetch \(url): the server says \(head.status), which passes")
        }
        if isFTP, request.isFolder, failure.kind == .denied || failure.kind == .missing {
            if request.want == .machineListing, [500, 501, 502, 504].contains(head.status) {
                return TransferError(.unsupported, "the server of \(url) does not know MLSD (\(head.status))")
            }
            // Not to be there and not to be shown is one answer.
            return TransferError(
                head.status == 550 ? .gone : .refused,
                "cannot list \(url): the server says \(head.status): it is not there, or may not be read")
        }
        return switch failure.kind {
        case .missing: TransferError(.gone, "\(url) is not there")
        case .denied: TransferError(.refused, "the server of \(url) refuses it")
        case .beyondEnd:
            TransferError(
                .changed, "\(url) has changed since it was announced: it ends before byte \(request.range?.offset ?? 0)")
        case .noRanges: TransferError(.refused, "the server of \(url) does not serve ranges")
        case .localAddress: TransferError(.notAllowed, "\(url): \(failure.text)")
        case .unsupported where !isHTTP: TransferError(.unsupported, "cannot fetch \(url): \(failure.text)")
        // An ftp server says the same when too many are signed in. Of ssh it is libcurl's word for a server that ended meanwhile, too; as it
        // may be true, one at a time tries it.
        case .login:
            TransferError(
                url.scheme == "sftp" ? .unreachable : .temporary,
                "the server of \(url) does not take the account (of credentials.conf, or anonymous)"
            )
        // What follows can be mended here or there while the post waits.
        case .certificate: TransferError(.temporary, "the certificate of the server of \(url) is not trusted: \(failure.text)")
        case .noTLS: TransferError(.temporary, "the server of \(url) does not begin TLS as the account's options ask")
        case .unknownHostKey:
            TransferError(
                .temporary,
                "the host key of \(host) is not in \(knownHosts): check it and add it (ssh-keyscan\(port) \(url.host))")
        case .otherHostKey:
            TransferError(
                .temporary, "the host key of \(host) is another than the one in \(knownHosts): somebody may be listening in")
        case .silent, .other, .unsupported:
            TransferError(isUnanswered(failure, head) ? .unreachable : .temporary, "cannot fetch \(url): \(failure.text)")
        }
    }

    private func isUnanswered(_ failure: CurlFailure, _ head: AnswerHead) -> Bool {
        isHTTP ? head.status == 0 : failure.kind == .silent
    }

    private var host: String { url.host + (url.port.map { ":\($0)" } ?? "") }

    private var port: String { url.port.map { " -p \($0)" } ?? "" }
}
