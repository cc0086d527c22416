import CLinux
import Glibc

/// Lists folders of a server, over any protocol that a fetcher speaks. The listing lies on disk before the first of it is believed: one
/// that fails or is cut short says nothing. Memory does not grow with it.
public final class FolderLister {
    private let fetcher: any Fetcher
    private let policy: FetchPolicy
    private let scratch: String
    /// Bytes of the longest listing that is read.
    static let maxBytes: Int64 = 256 << 20
    private static let maxLine = 65_536

    /// A lister that keeps listings in the folder `scratch` while it reads them.
    public init(fetcher: any Fetcher, policy: FetchPolicy, scratch: String) {
        self.fetcher = fetcher
        self.policy = policy
        self.scratch = scratch
    }

    /// Calls `each` with the entries of the folder at `url` (encoded, with its final slash); `problem` with what cannot be used.
    /// Throws `TransferError`, `ListingError`, `FileError`.
    public func list(_ url: String, problem: (String) -> Void, each: (ListedEntry) throws -> Void) throws {
        let file = try fetch(url)
        defer { close(file) }
        do {
            try read(file, Self.format(url)) { _ in }
            try read(file, Self.format(url)) { line in
                switch line {
                case .entry(let entry): try each(entry)
                case .unusable(let why): problem("\(url): \(why)")
                case .nothing: break
                }
            }
        } catch let error as ListingError {
            throw ListingError("cannot use the listing of \(url): \(error)")
        }
    }

    private static func format(_ url: String) -> any ListingFormat {
        url.lowercased().utf8.starts(with: "http".utf8) ? IndexPage() : LongListing(now: .now())
    }

    /// A file without a name that holds the listing.
    private func fetch(_ url: String) throws -> Int32 {
        try DocumentRoot.makeDirectories(scratch)
        let path = "\(scratch)/.listing.\(getpid())"
        let file = dd_openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw FileError("cannot write \(path)") }
        unlink(path)
        do {
            var total: Int64 = 0
            var request = FetchRequest(url: url, expectedSize: nil, policy: policy)
            request.isFolder = true
            _ = try fetcher.fetch(request) { bytes in
                total += Int64(bytes.count)
                guard total <= Self.maxBytes else {
                    throw ListingError("the listing of \(url) is longer than \(Self.maxBytes >> 20) MiB")
                }
                var rest = bytes
                while !rest.isEmpty {
                    let count = write(file, rest.baseAddress, rest.count)
                    if count < 0 && errno == EINTR { continue }
                    guard count > 0 else { throw FileError("cannot write \(path)") }
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                }
            }
            return file
        } catch {
            close(file)
            throw error
        }
    }

    /// Reads the file from its beginning, line by line.
    private func read(_ file: Int32, _ format: any ListingFormat, each: (ListedLine) throws -> Void) throws {
        var format = format
        guard lseek(file, 0, SEEK_SET) == 0 else { throw FileError("cannot read a listing") }
        var line: [UInt8] = []
        func end() throws {
            try each(try format.read(Substring(String(decoding: line, as: UTF8.self))))
            line.removeAll(keepingCapacity: true)
        }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileError("cannot read a listing") }
            guard count > 0 else { break }
            for byte in buffer[..<count] {
                if byte == 0x0A { try end() } else { line.append(byte) }
                guard line.count <= Self.maxLine else { throw ListingError("it has a line above \(Self.maxLine) bytes") }
            }
        }
        try end()
        try format.finish()
    }
}
