import CLinux
import Glibc

/// Lists folders of a server, over any protocol that a fetcher speaks. The listing lies on disk before the first of it is believed: one
/// that fails or is cut short says nothing. Memory does not grow with it.
public final class FolderLister {
    private let fetcher: any Fetcher
    private let policy: FetchPolicy
    private let scratch: String
    /// Servers of ftp that do not know `MLSD`, as scheme, host and port.
    private var withoutMLSD: Set<String> = []
    /// Bytes of the longest listing that is read.
    static let maxBytes: Int64 = 256 << 20
    private static let longestPiece = 65_536

    /// A lister that keeps listings in the folder `scratch` while it reads them.
    public init(fetcher: any Fetcher, policy: FetchPolicy, scratch: String) {
        self.fetcher = fetcher
        self.policy = policy
        self.scratch = scratch
    }

    /// Calls `each` with the entries of the folder at `url` (encoded, with its final slash) where `isWanted` says so of the listing as a
    /// whole; `problem` with what cannot be used. Throws `TransferError`, `ListingError`, `FileError`.
    @discardableResult
    public func list(
        _ url: String, isWanted: (Listing) throws -> Bool = { _ in true }, problem: (String) -> Void,
        each: (ListedEntry) throws -> Void
    ) throws -> Listing {
        let (file, form) = try fetchListing(url)
        defer { close(file) }
        do {
            var format: any ListingFormat =
                switch form {
                case .page: IndexPage(url)
                case .long: LongListing(now: .now())
                case .machine: MachineListing()
                }
            var listing = Listing(form: form)
            let digest = try Digest(.xxh128)
            try read(file, &format) { line in
                switch line {
                case .entry(let entry): listing.count(entry, in: digest)
                case .unusable: listing.isWhole = false
                }
            }
            listing.mark = digest.finish()
            guard try isWanted(listing) else { return listing }
            format.rewind()
            try read(file, &format) { line in
                switch line {
                case .entry(let entry): try each(entry)
                case .unusable(let why): problem("\(url): \(why)")
                }
            }
            return listing
        } catch let error as ListingError {
            throw ListingError("cannot use the listing of \(url): \(error)")
        }
    }

    /// Size and time of the file at `url` (encoded), as its server says now. Throws `TransferError`.
    public func facts(of url: String) throws -> FileFacts { try fetcher.facts(of: url, policy: policy) }

    /// Whether the file or folder at `url` (encoded) is there, as its server says when it is asked for it alone.
    func presence(of url: String, isFolder: Bool) -> Presence {
        do {
            if isFolder { try list(url, isWanted: { _ in false }, problem: { _ in }, each: { _ in }) } else { try look(url) }
            return .there
        } catch let error as TransferError where error.code == .gone {
            return .gone
        } catch is ListingError {
            // Something is there, though it is not understood.
            return .there
        } catch {
            return .unclear("\(error)")
        }
    }

    /// What a server says of one name.
    enum Presence: Equatable {
        case there, gone
        case unclear(String)
    }

    /// Asks for facts, or, of a server that does not answer such questions, for the first byte.
    private func look(_ url: String) throws {
        do {
            let facts = try facts(of: url)
            // An ftp server that does not know SIZE has said nothing.
            guard url.lowercased().hasPrefix("ftp"), facts.size == nil else { return }
        } catch let error as TransferError where error.code == .refused || error.code == .unsupported {}
        do {
            _ = try fetcher.fetch(
                FetchRequest(url: url, expectedSize: nil, range: FetchRange(offset: 0, length: 1), policy: policy)
            ) { _ in }
        } catch let error as TransferError where error.code == .changed {}
    }

    /// A file without a name that holds the listing, and its form.
    private func fetchListing(_ url: String) throws -> (file: Int32, form: ListingForm) {
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard scheme == "ftp" || scheme == "ftps" else {
            return (try fetch(url, .listing), scheme.hasPrefix("http") ? .page : .long)
        }
        let server = (try? URLParts(url)).map { "\($0.scheme)://\($0.host):\($0.effectivePort ?? 0)" } ?? url
        if !withoutMLSD.contains(server) {
            do { return (try fetch(url, .machineListing), .machine) } catch let error as TransferError
                where error.code == .unsupported
            { withoutMLSD.insert(server) }
        }
        return (try fetch(url, .listing), .long)
    }

    private func fetch(_ url: String, _ want: FetchRequest.Want) throws -> Int32 {
        try DocumentRoot.makeDirectories(scratch)
        let path = "\(scratch)/.listing.\(getpid())"
        let file = dd_openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw FileError("cannot write \(path)") }
        unlink(path)
        do {
            var total: Int64 = 0
            var request = FetchRequest(url: url, expectedSize: nil, policy: policy)
            request.want = want
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

    /// Reads the file from its beginning, piece by piece.
    private func read(_ file: Int32, _ format: inout any ListingFormat, each: (ListedLine) throws -> Void) throws {
        guard lseek(file, 0, SEEK_SET) == 0 else { throw FileError("cannot read a listing") }
        let separator = format.separator
        var piece: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileError("cannot read a listing") }
            guard count > 0 else { break }
            for byte in buffer[..<count] {
                guard byte == separator else {
                    piece.append(byte)
                    guard piece.count <= Self.longestPiece else {
                        throw ListingError("it has more than \(Self.longestPiece) bytes where a line or a tag should end")
                    }
                    continue
                }
                for line in try format.read(Substring(String(decoding: piece, as: UTF8.self))) { try each(line) }
                piece.removeAll(keepingCapacity: true)
            }
        }
        for line in try format.read(Substring(String(decoding: piece, as: UTF8.self))) { try each(line) }
        for line in try format.finish() { try each(line) }
    }
}

extension Listing {
    fileprivate mutating func count(_ entry: ListedEntry, in digest: Digest) {
        Array(KnownFolder.line(entry).utf8).withUnsafeBytes { digest.update($0) }
        count += 1
        if !entry.isFolder, entry.modified != nil, entry.size != 0 { tellsApart = true }
    }
}
