/// What a block map says of one block: a state of one byte, and 16 bytes of the block's checksum. Pure.
struct BlockEntry: Equatable {
    /// How much of the block is there.
    enum State: UInt8 {
        /// Nothing that counts.
        case absent = 0
        /// Bytes of an earlier posting of the same file, which count when the sum is again the same.
        case candidate = 1
        /// Verified.
        case stored = 2
    }

    var state: State
    /// How `fingerprint` was computed.
    var algorithm: Digest.Algorithm
    /// The first 16 bytes of the block's checksum.
    var fingerprint: [UInt8]
    /// The file that stood at the place before has the same bytes there.
    var isUnchanged = false

    static let fingerprintCount = 16
    static let absent = BlockEntry(
        state: .absent, algorithm: .xxh128, fingerprint: [UInt8](repeating: 0, count: fingerprintCount))

    init(state: State, algorithm: Digest.Algorithm, fingerprint: [UInt8]) {
        self.state = state
        self.algorithm = algorithm
        self.fingerprint = fingerprint
    }

    /// A block that is in, with the checksum `digest` of its bytes.
    init(_ algorithm: Digest.Algorithm, _ digest: [UInt8]) {
        self.init(state: .stored, algorithm: algorithm, fingerprint: Array(digest.prefix(Self.fingerprintCount)))
    }

    /// Bytes of an entry in the map.
    static let byteCount = 1 + fingerprintCount

    /// Reads an entry of `byteCount` bytes; what cannot be understood is absent.
    init(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == Self.byteCount, let first = bytes.first, let state = State(rawValue: first & 3), state != .absent,
            Int(first >> 4) < Digest.Algorithm.allCases.count
        else {
            self = .absent
            return
        }
        self.init(state: state, algorithm: Digest.Algorithm.allCases[Int(first >> 4)], fingerprint: Array(bytes.dropFirst()))
        isUnchanged = first & 4 != 0
    }

    /// The entry as it is written.
    var bytes: [UInt8] {
        let index = Digest.Algorithm.allCases.firstIndex(of: algorithm) ?? 0
        return [state.rawValue | (isUnchanged ? 4 : 0) | UInt8(index) << 4] + fingerprint
    }

    /// Whether bytes with the announced checksum are there.
    func matches(_ sum: Sum) -> Bool {
        guard state != .absent, case .digest(let algorithm, let value) = sum else { return false }
        return algorithm == self.algorithm && value.prefix(Self.fingerprintCount).elementsEqual(fingerprint)
    }
}
