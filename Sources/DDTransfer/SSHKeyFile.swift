import DDCore

/// What can be told of a private key's file without its passphrase.
enum SSHKeyFile {
    /// Why the key at `path` cannot be used with this libssh2 (`libssh2/1.10.0`); `nil` when nothing speaks against it.
    static func fault(of path: String, libssh2: String) -> String? {
        guard let text = SmallFile.text(path) else { return "cannot read the key file \(path)" }
        guard isRSA(text), !knowsNewRSA(libssh2) else { return nil }
        return
            "\(path) is an RSA key, which \(libssh2.isEmpty ? "this libcurl" : libssh2) can sign only in a way that servers refuse: "
            + "use an ed25519 or ecdsa key"
    }

    /// Signatures of RSA keys with SHA-2 came with libssh2 1.11; those with SHA-1 are off in OpenSSH since 8.8.
    static func knowsNewRSA(_ version: String) -> Bool {
        let numbers = version.split(separator: "/").last?.split(separator: ".").map { Int($0) ?? 0 } ?? []
        guard numbers.count >= 2 else { return false }
        return (numbers[0], numbers[1]) >= (1, 11)
    }

    /// Whether the private key in `text` (PEM) is of the kind RSA.
    static func isRSA(_ text: String) -> Bool {
        if text.contains("-----BEGIN RSA PRIVATE KEY-----") { return true }
        let bytes = Base64.bytes(text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-") }.joined()) ?? []
        // OpenSSH's form has the public key in clear, which begins with its kind; PKCS #8 the number of the algorithm.
        let marks: [[UInt8]] =
            text.contains("BEGIN OPENSSH")
            ? [[0, 0, 0, 7] + Array("ssh-rsa".utf8)] : [[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]]
        return marks.contains { mark in bytes.indices.contains { bytes[$0...].starts(with: mark) } }
    }
}
