extension Post {
    /// The header with the signature of its source, which travels on unchanged.
    static let signatureHeader = "signature"

    /// The post of a block, as the announcement of the whole file of `size` bytes, all of whose blocks are there: for those that did not hear of
    /// the blocks. `nil` when a file of that size has not so many blocks.
    func asWhole(size: Int64, sum: Sum) throws(MessageError) -> Post? {
        guard case .file(let parts?, _) = event, size > parts.blockSize * (parts.count - 1), size <= parts.blockSize * parts.count
        else { return nil }
        var post = self
        post.retrieve = nil
        // It is the switch that says so.
        post.unknown[Post.signatureHeader] = nil
        post.inBlocks = try Parts(
            method: .inplace, blockSize: parts.blockSize, count: parts.count, remainder: size % parts.blockSize, number: 0)
        post.event = .file(.whole(size: size), sum)
        return post
    }
}
