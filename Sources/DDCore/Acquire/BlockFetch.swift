/// Where the bytes of one block are: the addresses to try, one after the other, and which of their bytes.
struct BlockFetch {
    /// In the order to be tried: the next one when there is nothing at the one before.
    let requests: [FetchRequest]

    /// What `post` says of the block `parts`.
    init(_ post: Post, _ parts: Parts, _ policy: FetchPolicy) {
        if post.partName != nil {
            requests = [FetchRequest(url: post.location.encodedURL, expectedSize: parts.length, policy: policy)]
            return
        }
        let range = FetchRange(offset: parts.offset, length: parts.length)
        // An unfinished file gets its own name in one step: what is not under the one name any more is under the other.
        var locations = [post.location]
        if let unfinished = post.retrieve { locations.insert(Location(base: post.location.base, relpath: unfinished), at: 0) }
        requests = locations.map {
            FetchRequest(
                url: $0.encodedURL,
                expectedSize: parts.isSizeKnown ? parts.size : nil, range: range, policy: policy)
        }
    }

    /// For errors: the last address, which every tool knows.
    var url: String { requests.last?.url ?? "" }

    /// Hands the block's bytes to `sink`. An address where there is nothing has given no bytes before the next one is tried.
    func bytes(with fetcher: any Fetcher, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Int64 {
        for request in requests.dropLast() {
            do {
                return try fetcher.fetch(request, into: sink)
            } catch let error as TransferError where error.code == .gone {}
        }
        guard let last = requests.last else { return 0 }
        return try fetcher.fetch(last, into: sink)
    }
}
