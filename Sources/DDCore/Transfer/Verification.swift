extension Sum {
    /// Compares the checksum `value` of what arrived from `url` with what was announced; throws `TransferError.wrongSum`. Returns the sum
    /// to announce instead, where the post asked for it to be computed or `recomputes` says so.
    func verified(
        _ algorithm: Digest.Algorithm, _ value: [UInt8], _ url: String, recomputes: Bool
    ) throws(TransferError) -> Sum? {
        switch self {
        case .digest(algorithm, value): return nil
        case .digest:
            throw TransferError(
                .wrongSum, "the bytes of \(url) are not those announced (checksum '\(algorithm.rawValue)' differs)")
        case .compute: return .digest(algorithm, value)
        case .none, .name, .arbitrary: return recomputes ? .digest(algorithm, value) : nil
        }
    }
}
