import Glibc

/// The keys with which files are sealed and opened, as users keep them in files.
public enum SealKeys {
    /// The readers in a file of lines `bob@c age1…`, by name; `#` begins a comment. Throws `ConfigError` with the line.
    static func readers(_ path: String) throws(ConfigError) -> [String: AgeKey.Recipient] {
        try table(path, "age1…, the public key of age-keygen") { AgeKey.Recipient($0) }
    }

    /// The keys of sources in a file of lines `alice@a KEY`, where KEY is what `dd_seal public` shows or the body of a PEM public key.
    static func signers(_ path: String) throws(ConfigError) -> [String: [UInt8]] {
        try table(path, "an Ed25519 key in base64, as dd_seal public shows it") { text in
            guard let bytes = Base64.bytes(text) else { return nil }
            if bytes.count == 32 { return bytes }
            // SubjectPublicKeyInfo (RFC 8410).
            let head: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
            return bytes.count == 44 && Array(bytes.prefix(12)) == head ? Array(bytes.dropFirst(12)) : nil
        }
    }

    private static func table<Key>(_ path: String, _ expected: String, _ read: (String) -> Key?) throws(ConfigError) -> [String:
        Key]
    {
        var keys: [String: Key] = [:]
        for (number, line) in try lines(path, isSecret: false).enumerated() {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            guard words.count == 2, Recipient(first) != nil, let key = read(words[1]) else {
                throw ConfigError(.configuration, "\(path):\(number + 1): a name like alice@a is expected, and \(expected)")
            }
            guard keys.updateValue(key, forKey: first) == nil else {
                throw ConfigError(.configuration, "\(path):\(number + 1): '\(first)' is there twice")
            }
        }
        guard !keys.isEmpty else { throw ConfigError(.configuration, "\(path) has no keys") }
        return keys
    }

    /// The identities in a file of age, which only its owner may read.
    static func identities(_ path: String) throws(ConfigError) -> [AgeKey.Identity] {
        let lines = try lines(path, isSecret: true).filter { !$0.hasPrefix("#") && !$0.isEmpty }
        let identities = lines.compactMap { AgeKey.Identity($0) }
        guard !identities.isEmpty, identities.count == lines.count else {
            throw ConfigError(.configuration, "\(path) is no file of age-keygen: lines AGE-SECRET-KEY-1… are expected")
        }
        return identities
    }

    /// The Ed25519 secret in a PEM file, which only its owner may read.
    static func signing(_ path: String) throws(ConfigError) -> [UInt8] {
        let text = try lines(path, isSecret: true).joined(separator: "\n")
        guard let secret = Primitives.ed25519Secret(pem: Array(text.utf8)) else {
            throw ConfigError(
                .configuration,
                "\(path) is no Ed25519 key without a passphrase: openssl genpkey -algorithm ed25519 -out \(path) makes one")
        }
        return secret
    }

    private static func lines(_ path: String, isSecret: Bool) throws(ConfigError) -> [String] {
        switch TextFile.read(path) {
        case .failure(let failure): throw ConfigError(.configuration, "cannot read \(path): \(failure.reason)")
        case .success(let file):
            guard !isSecret || file.mode & 0o077 == 0 else {
                throw ConfigError(.configuration, "\(path) can be read by others: chmod 600 \(path)")
            }
            return file.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
