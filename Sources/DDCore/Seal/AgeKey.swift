/// A key of age (age-encryption.org/v1, type X25519), as `age-keygen` makes it.
public enum AgeKey {
    /// For whom something is encrypted: `age1…`.
    public struct Recipient: Sendable, Hashable, CustomStringConvertible {
        /// 32 bytes.
        let bytes: [UInt8]
        /// `age1…`.
        public let description: String

        /// Reads `age1…`; `nil` when it is none.
        public init?(_ text: String) {
            guard let bytes = Bech32.bytes(text, prefix: "age"), bytes.count == 32 else { return nil }
            self.init(bytes: bytes)
        }

        init(bytes: [UInt8]) { (self.bytes, description) = (bytes, Bech32.text("age", bytes)) }
    }

    /// Who can read it: `AGE-SECRET-KEY-1…`. Never printed.
    public struct Identity: Sendable {
        /// 32 bytes.
        let secret: [UInt8]
        /// Its public half.
        public let recipient: Recipient

        /// Reads `AGE-SECRET-KEY-1…`; `nil` when it is none.
        public init?(_ text: String) {
            guard let secret = Bech32.bytes(text, prefix: "age-secret-key-"), secret.count == 32,
                let bytes = try? Primitives.x25519Public(of: secret)
            else { return nil }
            self.secret = secret
            recipient = Recipient(bytes: bytes)
        }

        /// A new one.
        init() throws {
            secret = try Primitives.random(32)
            recipient = Recipient(bytes: try Primitives.x25519Public(of: secret))
        }

        /// `AGE-SECRET-KEY-1…`, for the file that keeps it.
        var text: String { Bech32.text("age-secret-key-", secret).uppercased() }
    }
}
