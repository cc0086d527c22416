/// The checksum of a block, or how to make one. On the wire: header `sum`, `method,value`.
///
/// The methods of events (`R`, `L`, `m`, `r`) are no sums: see `Post.Event`.
public enum Sum: Sendable, Equatable {
    /// Over the bytes of the block. Method `d`, `s` or `xxh128`; the value in hexadecimal digits.
    case digest(Digest.Algorithm, [UInt8])
    /// Over the name only (`n`); the value as received.
    case name(String)
    /// None (`0`); the value has no meaning.
    case none(String)
    /// To be computed on arrival (`z`, whose value is the method).
    case compute(Digest.Algorithm)
    /// Text of the poster's choice (`a`).
    case arbitrary(String)

    /// Reads the header. Throws `sum` when the method is none of these or the digits are not as many as it has.
    public init(wire: some StringProtocol) throws(MessageError) {
        let comma = wire.utf8.firstIndex(of: UInt8(ascii: ",")) ?? wire.endIndex
        let value = comma == wire.endIndex ? wire[comma...] : wire[wire.utf8.index(after: comma)...]
        switch wire[..<comma] {
        case "n": self = .name(String(value))
        case "0": self = .none(String(value))
        case "a": self = .arbitrary(String(value))
        case "z":
            guard let algorithm = Digest.Algorithm(rawValue: String(value)) else {
                throw Self.malformed(wire, "it can be computed on arrival with d, s or xxh128 only")
            }
            self = .compute(algorithm)
        case let method:
            guard let algorithm = Digest.Algorithm(rawValue: String(method)) else {
                throw Self.malformed(wire, "the method must be d, s, xxh128, n, 0, z or a")
            }
            guard let bytes = Hexadecimal.bytes(value, count: algorithm.byteCount) else {
                throw Self.malformed(wire, "the method \(method) has \(algorithm.byteCount * 2) hexadecimal digits")
            }
            self = .digest(algorithm, bytes)
        }
    }

    /// As it is written in the header.
    public var wire: String {
        switch self {
        case .digest(let algorithm, let bytes): Hexadecimal.text(bytes, after: algorithm.rawValue + ",")
        case .name(let value): "n,\(value)"
        case .none(let value): "0,\(value)"
        case .compute(let algorithm): "z,\(algorithm.rawValue)"
        case .arbitrary(let value): "a,\(value)"
        }
    }

    private static func malformed(_ wire: some StringProtocol, _ why: String) -> MessageError {
        MessageError(.sum, "cannot read the header sum \(MessageError.quote(wire)): \(why)")
    }
}

extension Sum {
    /// What has to be computed over the bytes that arrive; `nil` when the sum says nothing about them.
    var algorithm: Digest.Algorithm? {
        switch self {
        case .digest(let algorithm, _), .compute(let algorithm): algorithm
        case .none, .name, .arbitrary: nil
        }
    }
}
