import CCrypto

/// The form in which RabbitMQ keeps a password (`rabbit_password_hashing_sha256`).
public enum PasswordHash {
    /// Base64 of 4 bytes of salt and SHA-256 of salt and password; `nil` only if libcrypto fails.
    public static func rabbitMQ(_ password: String, salt: UInt32 = .random(in: 0...(.max))) -> String? {
        let salted = (0..<4).map { UInt8(truncatingIfNeeded: salt >> (24 - 8 * $0)) }
        var digest = [UInt8](repeating: 0, count: 32)
        let text = salted + Array(password.utf8)
        guard EVP_Digest(text, text.count, &digest, nil, EVP_sha256(), nil) == 1 else { return nil }
        return base64(salted + digest)
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

    /// RFC 4648 with padding.
    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
