/// The bytes of a file that is being put together, as the disk has them.
struct StoredBlocks {
    /// Open for reading; borrowed.
    let file: Int32
    let version: FileVersion
    /// Bytes in the file; `nil`: not known, then the last block is not in.
    let size: Int64?

    /// Whether the bytes of a block are those that its entry says. They are read from the disk: what could not be written stays in the
    /// system's memory as if it were there.
    func hold(
        _ block: Int64, _ entry: BlockEntry, _ digests: DigestCache, through buffer: UnsafeMutableRawBufferPointer
    ) throws -> Bool {
        let offset = block * version.blockSize
        let isLast = block == version.count - 1
        let length = isLast ? (size ?? offset) - offset : version.blockSize
        let digest = try digests[entry.algorithm]
        try digest.restart()
        FileBytes.forgetCached(file, at: offset, length: length)
        let isRead = FileBytes.forEach(file, at: offset, length: length, through: buffer) { digest.update($0) }
        return isRead && digest.finish().prefix(BlockEntry.fingerprintCount).elementsEqual(entry.fingerprint)
    }
}
