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
        requests = [post.location.encodedURL].map {
            FetchRequest(url: $0, expectedSize: parts.isSizeKnown ? parts.size : nil, range: range, policy: policy)
        }
    }

    /// For errors: the last address, which every tool knows.
    var url: String { requests.last?.url ?? "" }

    /// Hands the block's bytes to `sink`; `restart` is called before another address is tried.
    func bytes(
        with fetcher: any Fetcher, _ sink: (UnsafeRawBufferPointer) throws -> Void, restart: () throws -> Void
    ) throws -> Int64 {
        for request in requests.dropLast() {
            do {
                return try fetcher.fetch(request, into: sink)
            } catch let error as TransferError where error.code == .gone {
                try restart()
            }
        }
        guard let last = requests.last else { return 0 }
        return try fetcher.fetch(last, into: sink)
    }
}
