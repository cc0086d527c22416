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

    /// Reads an entry; what cannot be understood is absent.
    init(state byte: UInt8, fingerprint: [UInt8]) {
        guard let state = State(rawValue: byte & 3), Int(byte >> 4) < Digest.Algorithm.allCases.count,
            fingerprint.count == Self.fingerprintCount
        else {
            self = .absent
            return
        }
        self.init(state: state, algorithm: Digest.Algorithm.allCases[Int(byte >> 4)], fingerprint: fingerprint)
        isUnchanged = byte & 4 != 0
    }

    /// The first byte as it is written.
    var stateByte: UInt8 {
        let index = Digest.Algorithm.allCases.firstIndex(of: algorithm) ?? 0
        return state.rawValue | (isUnchanged ? 4 : 0) | UInt8(index) << 4
    }

    /// Whether bytes with the announced checksum are there.
    func matches(_ sum: Sum) -> Bool {
        guard state != .absent, case .digest(let algorithm, let value) = sum else { return false }
        return algorithm == self.algorithm && value.prefix(Self.fingerprintCount).elementsEqual(fingerprint)
    }
}
