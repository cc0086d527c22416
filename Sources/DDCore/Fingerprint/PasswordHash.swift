import CCrypto

/// The form in which RabbitMQ keeps a password (`rabbit_password_hashing_sha256`).
public enum PasswordHash {
    /// Base64 of 4 bytes of salt and SHA-256 of salt and password; `nil` only if libcrypto fails.
    public static func rabbitMQ(_ password: String, salt: UInt32 = .random(in: 0...(.max))) -> String? {
        let salted = (0..<4).map { UInt8(truncatingIfNeeded: salt >> (24 - 8 * $0)) }
        var digest = [UInt8](repeating: 0, count: 32)
        let text = salted + Array(password.utf8)
        guard EVP_Digest(text, text.count, &digest, nil, EVP_sha256(), nil) == 1 else { return nil }
        return Base64.text(salted + digest)
    }

    /// Whether `text` has the form of such a hash: base64 of 36 bytes, which needs no padding.
    public static func isRabbitMQ(_ text: String) -> Bool {
        text.utf8.count == 48
            && text.utf8.allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "+"), UInt8(ascii: "/"): true
                default: false
                }
            }
    }
}
