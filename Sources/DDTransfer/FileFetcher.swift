import CLinux
import DDCore
import Glibc

/// Reads files of this machine for `file:` URLs, only below folders that an `allow_url` names, and through no symbolic link there.
final class FileFetcher: Fetcher {
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)

    deinit { buffer.deallocate() }

    /// See `Fetcher`.
    func fetch(_ request: FetchRequest, into sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Int64 {
        let url = try FetchURL.parts(request.url)
        guard url.host.isEmpty || url.host == "localhost" else {
            throw TransferError(.unsupported, "cannot fetch \(url): a file: URL names no host")
        }
        guard let (folder, names) = request.policy.folder(of: url) else {
            throw TransferError(.notAllowed, "\(url) is not under an allow_url")
        }
        let file = try open(folder, names, url)
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw TransferError(.refused, "\(url) is no regular file")
        }
        let size = Int64(facts.st_size)
        if let expected = request.expectedSize, size != expected {
            throw TransferError(
                request.part == nil ? .wrongLength : .changed, "\(url) has \(size) bytes, expected \(expected)")
        }
        if let limit = request.limit, size > limit { throw TooLarge.error(request.url, size, limit) }
        let range = request.range ?? FetchRange(offset: 0, length: size)
        guard request.part == nil || range.last.map({ $0 < size }) == true else {
            throw TransferError(.changed, "\(url) has changed since it was announced: it has \(size) bytes")
        }
        try read(file, range, url, sink)
        return range.length
    }

    private func open(_ folder: String, _ names: [String], _ url: URLParts) throws(TransferError) -> Int32 {
        // The allowed folder itself may be a link, and may be a single file.
        var current = dd_openat(AT_FDCWD, names.isEmpty ? String(folder.dropLast()) : folder, O_RDONLY | O_NONBLOCK, 0)
        for (index, name) in names.enumerated() where current >= 0 {
            let kind = index == names.count - 1 ? O_NONBLOCK : O_DIRECTORY
            let next = dd_openat(current, name, O_RDONLY | O_NOFOLLOW | kind, 0)
            let failure = errno
            close(current)
            errno = failure
            current = next
        }
        guard current < 0 else { return current }
        switch errno {
        case ENOENT: throw TransferError(.gone, "\(url) is not there")
        case ELOOP, ENOTDIR: throw TransferError(.notAllowed, "\(url) is, or lies behind, a symbolic link, which is not followed")
        case EACCES: throw TransferError(.refused, "\(url) may not be read by this user")
        default: throw TransferError(.temporary, "cannot open \(url): \(String(cString: strerror(errno)))")
        }
    }

    private func read(
        _ file: Int32, _ range: FetchRange, _ url: URLParts, _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var done: Int64 = 0
        while done < range.length {
            let count = pread(
                file, buffer.baseAddress, Int(min(Int64(buffer.count), range.length - done)), off_t(range.offset + done))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw TransferError(.temporary, "cannot read \(url): \(String(cString: strerror(errno)))")
            }
            guard count > 0 else { throw TransferError(.wrongLength, "got \(done) bytes of \(url), expected \(range.length)") }
            try sink(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            done += Int64(count)
        }
    }
}
