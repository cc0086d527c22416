import CCrypto

/// The password with which an account fetches private data from its switch's web server.
///
/// It is made from the account's password on the broker, so that nobody needs a second one, and the web server never sees the first: PBKDF2
/// (RFC 8018) with HMAC-SHA-256, 10,000 rounds, and the account's name as salt.
public enum WebSecret {
    /// 32 hexadecimal digits: 128 bits. `nil` only if libcrypto fails.
    public static func make(user: String, password: String) -> String? {
        let salt = Array("dd web \(user)".utf8)
        var key = [UInt8](repeating: 0, count: 16)
        let length = Int32(password.utf8.count)
        let done = password.withCString { PKCS5_PBKDF2_HMAC($0, length, salt, Int32(salt.count), 10_000, EVP_sha256(), 16, &key) }
        return done == 1 ? Hexadecimal.text(key) : nil
    }

    /// What a web server compares a password with: `{SHA}` and base64 of SHA-1, which nginx and Apache both read. What is hashed has 128 bits
    /// and is nobody's chosen word, so that a slow or salted hash, to be computed for every request, would add nothing.
    public static func hash(_ secret: String) -> String? {
        var digest = [UInt8](repeating: 0, count: 20)
        let text = Array(secret.utf8)
        guard EVP_Digest(text, text.count, &digest, nil, EVP_sha1(), nil) == 1 else { return nil }
        return "{SHA}" + Base64.text(digest)
    }

    /// Whether `text` has the form that `hash` gives: 28 characters of base64 behind `{SHA}`.
    public static func isHash(_ text: String) -> Bool {
        text.hasPrefix("{SHA}") && text.utf8.count == 33 && text.hasSuffix("=")
            && text.utf8.dropFirst(5).dropLast().allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "+"), UInt8(ascii: "/"): true
                default: false
                }
            }
    }
}
