/// How dd_post cuts files (`parts`).
public enum PartsChoice: Sendable, Equatable {
    /// `1`: every file is one block.
    case whole
    /// `i,SIZE`, `p,SIZE`: files that are larger go in blocks of so many bytes, at least 1.
    case blocks(Parts.Method, size: Int64)

    /// `auto`. It must not depend on a file's size, which changes while the file grows: 64 MiB for all.
    public static let automatic = PartsChoice.blocks(.inplace, size: 64 << 20)

    /// Reads `1`, `i,SIZE`, `p,SIZE` or `auto`.
    public init(_ text: String) throws(ConfigError) {
        switch text {
        case "1": self = .whole
        case "auto": self = .automatic
        default:
            let fields = text.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
            guard fields.count == 2, let method = Parts.Method(rawValue: String(fields[0])), method != .whole,
                let size = Values.size(String(fields[1])), size > 0
            else {
                let isPath = text.utf8.contains(UInt8(ascii: "/")) || Path.isFile(text)
                throw ConfigError(
                    .configuration,
                    isPath
                        ? "bad value '\(text)' for parts: -p says how files are cut (1, i,SIZE, p,SIZE or auto); a PATH stands by itself, without -p"
                        : "bad value '\(text)' for parts: 1, i,SIZE, p,SIZE or auto is expected, SIZE from 1B on like 512K, 64M or 1G"
                )
            }
            self = .blocks(method, size: size)
        }
    }
}

/// How dd_post sums files (`sum`).
public enum SumChoice: Sendable, Equatable {
    /// `d`: MD5 of the content.
    case md5
    /// `s`: SHA-512 of the content.
    case sha512
    /// `xxh128`: XXH3, 128 bits, of the content.
    case xxh128
    /// `n`: MD5 of the file's name.
    case name
    /// `0`: none.
    case none
    /// `c=NAME`: the consumer computes it with this one.
    case atDestination(Algorithm)

    /// The sums of content.
    public enum Algorithm: String, Sendable, CaseIterable {
        /// MD5.
        case md5
        /// SHA-512.
        case sha512
        /// XXH3, 128 bits.
        case xxh128
    }

    /// Reads `d`, `s`, `n`, `0`, `xxh128` or `c=NAME`.
    public init(_ text: String) throws(ConfigError) {
        switch text {
        case "d": self = .md5
        case "s": self = .sha512
        case "n": self = .name
        case "0": self = .none
        case "xxh128": self = .xxh128
        default:
            guard text.hasPrefix("c="), let algorithm = Algorithm(rawValue: String(text.dropFirst(2))) else {
                throw ConfigError(
                    .configuration, "bad value '\(text)' for sum: d, s, n, 0, xxh128 or c=md5, c=sha512, c=xxh128 is expected")
            }
            self = .atDestination(algorithm)
        }
    }
}
