import DDCore

/// Judges http answers: which of them are the bytes that were asked for.
enum HTTPAnswer {
    /// What is wrong with an answer; `nil` when its body is the bytes of `request`. `url` is what was asked, which a redirect may have
    /// named.
    static func fault(_ head: AnswerHead, _ url: String, _ request: FetchRequest) -> TransferError? {
        switch head.status {
        case 404, 410: return TransferError(.gone, "\(url) is not there (\(head.status))")
        case 416 where request.part != nil:
            return TransferError(.changed, "\(url) has changed since it was announced: it has no \(asked(request)) (416)")
        // Accepted, and not done: what comes with it is no file, and later there may be one.
        case 202: return TransferError(.temporary, "the server of \(url) says 202: it is not ready yet")
        case 408, 425, 429, 500..<600: return TransferError(.temporary, "the server of \(url) says \(head.status)")
        case 400..<500: return TransferError(.refused, "the server of \(url) says \(head.status)")
        default: break
        }
        guard let part = request.part else {
            // Some say so of an empty file.
            if head.status == 204, request.expectedSize == 0 { return nil }
            guard head.status == 200 else {
                return TransferError(.refused, "the server of \(url) says \(head.status), expected 200")
            }
            return fault(inEncoding: head, url, request)
        }
        guard head.status == 206 else {
            let reason = head.status == 200 ? "it does not serve ranges" : "expected 206"
            return TransferError(
                .refused, "the server of \(url) says \(head.status) to a request for \(asked(request)): \(reason)")
        }
        return fault(inRange: head.contentRange, part, url, request)
    }

    /// Nobody asked for another form of the bytes. Where the announced size fits, they are the file, which is stored compressed there and
    /// served with a word about that; so they are when its name says it. Otherwise what came is something else than the file.
    private static func fault(inEncoding head: AnswerHead, _ url: String, _ request: FetchRequest) -> TransferError? {
        guard let encoding = head.encoding, request.want != .facts, request.expectedSize == nil else { return nil }
        let name = url.prefix { $0 != "?" }.lowercased()
        let isCompressed = [".gz", ".tgz", ".z", ".bz2", ".xz", ".zst", ".br", ".svgz", ".deflate"].contains {
            name.hasSuffix($0)
        }
        guard request.isFolder || !isCompressed else { return nil }
        return TransferError(
            .refused, "the server of \(url) sends it with Content-Encoding '\(printable(encoding))', which nobody asked for")
    }

    private static func fault(
        inRange header: String?, _ part: FetchRange, _ url: String, _ request: FetchRequest
    ) -> TransferError? {
        // A server may send something else than what was asked (several ranges, a shorter one); none of it can be used.
        guard let header, let range = ContentRange(header) else {
            let shown = header.map { "'\(printable($0))'" } ?? "none"
            return TransferError(
                .refused, "the server of \(url) sends \(asked(request)) with a Content-Range that cannot be read: \(shown)")
        }
        if let total = range.total, let size = request.expectedSize, total != size {
            return TransferError(.changed, "\(url) has changed since it was announced: it has \(total) bytes, not \(size)")
        }
        guard range.first == part.offset, range.last == part.last else {
            return TransferError(
                .refused, "the server of \(url) sends bytes \(range.first)-\(range.last) to a request for \(asked(request))")
        }
        return nil
    }

    private static func asked(_ request: FetchRequest) -> String {
        guard let part = request.part else { return "the whole" }
        return "bytes \(part.offset)-\(part.last ?? part.offset)"
    }

    private static func printable(_ text: String) -> String {
        String(decoding: text.utf8.prefix(80).map { 0x20..<0x7f ~= $0 ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
