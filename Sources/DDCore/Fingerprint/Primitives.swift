import CCrypto

/// A step of cryptography that libcrypto refused: wrong keys or text look the same, so it says no more than what was tried.
struct CryptoError: Error, CustomStringConvertible {
    let description: String
}

/// The primitives of sealing, each a call of libcrypto. Keys and texts are bytes; nothing is kept.
enum Primitives {
    /// So many bytes that nobody can know (`RAND_bytes`).
    static func random(_ count: Int) throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw CryptoError(description: "no random numbers are to be had") }
        return bytes
    }

    /// HMAC-SHA-256 (RFC 2104): 32 bytes.
    static func mac(_ key: [UInt8], _ text: UnsafeRawBufferPointer) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        _ = HMAC(EVP_sha256(), key, Int32(key.count), text.bindMemory(to: UInt8.self).baseAddress, text.count, &result, &length)
        return result
    }

    /// The same of bytes in an array.
    static func mac(_ key: [UInt8], _ text: [UInt8]) -> [UInt8] { text.withUnsafeBytes { mac(key, $0) } }

    /// SHA-256: 32 bytes.
    static func sha256(_ text: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_Digest(text, text.count, &digest, nil, EVP_sha256(), nil)
        return digest
    }

    /// HKDF with SHA-256 (RFC 5869), `EVP_PKEY_HKDF`.
    static func derive(_ key: [UInt8], salt: [UInt8], info: [UInt8], count: Int = 32) throws(CryptoError) -> [UInt8] {
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nil) else { throw CryptoError(description: "HKDF is not offered") }
        defer { EVP_PKEY_CTX_free(context) }
        var result = [UInt8](repeating: 0, count: count)
        var length = count
        guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) == 1,
            EVP_PKEY_CTX_set1_hkdf_salt(context, salt, Int32(salt.count)) == 1,
            EVP_PKEY_CTX_set1_hkdf_key(context, key, Int32(key.count)) == 1,
            EVP_PKEY_CTX_add1_hkdf_info(context, info, Int32(info.count)) == 1,
            EVP_PKEY_derive(context, &result, &length) == 1, length == count
        else { throw CryptoError(description: "HKDF failed") }
        return result
    }

    /// Ciphers that authenticate what they encrypt, with 256 bits of key and 16 bytes of tag behind the text.
    enum Cipher {
        /// RFC 8439.
        case chacha
        /// NIST SP 800-38D.
        case aes

        fileprivate var evp: OpaquePointer? { self == .chacha ? EVP_chacha20_poly1305() : EVP_aes_256_gcm() }
    }

    /// Bytes of a tag.
    static let tagCount = 16

    /// Encrypts: the text, and its tag behind it. A key and nonce (12 bytes) must not come twice with different texts.
    static func encrypt(
        _ cipher: Cipher, key: [UInt8], nonce: [UInt8], _ text: UnsafeRawBufferPointer
    ) throws(CryptoError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: text.count + tagCount)
        let outcome: Result<Void, CryptoError> = result.withUnsafeMutableBytes { buffer in
            do throws(CryptoError) { return .success(try encrypt(cipher, key: key, nonce: nonce, text, into: buffer)) } catch {
                return .failure(error)
            }
        }
        try outcome.get()
        return result
    }

    /// The same into a buffer that has room for text and tag.
    static func encrypt(
        _ cipher: Cipher, key: [UInt8], nonce: [UInt8], _ text: UnsafeRawBufferPointer, into result: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        guard let context = EVP_CIPHER_CTX_new() else { throw CryptoError(description: "no memory to encrypt") }
        defer { EVP_CIPHER_CTX_free(context) }
        var (length, rest): (Int32, Int32) = (0, 0)
        var (end, tag) = ([UInt8](repeating: 0, count: 16), [UInt8](repeating: 0, count: tagCount))
        let (from, to) = (text.bindMemory(to: UInt8.self).baseAddress, result.bindMemory(to: UInt8.self).baseAddress)
        guard key.count == 32, nonce.count == 12, result.count >= text.count + tagCount,
            EVP_EncryptInit_ex(context, cipher.evp, nil, key, nonce) == 1,
            text.isEmpty || EVP_EncryptUpdate(context, to, &length, from, Int32(text.count)) == 1,
            EVP_EncryptFinal_ex(context, &end, &rest) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagCount), &tag) == 1
        else { throw CryptoError(description: "cannot encrypt") }
        UnsafeMutableRawBufferPointer(rebasing: result[text.count...]).copyBytes(from: tag)
    }

    /// Decrypts a text with its tag behind it. Throws when the key, the nonce or a bit is another one.
    static func decrypt(
        _ cipher: Cipher, key: [UInt8], nonce: [UInt8], _ sealed: UnsafeRawBufferPointer
    ) throws(CryptoError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: max(0, sealed.count - tagCount))
        let outcome: Result<Void, CryptoError> = result.withUnsafeMutableBytes { buffer in
            do throws(CryptoError) { return .success(try decrypt(cipher, key: key, nonce: nonce, sealed, into: buffer)) } catch {
                return .failure(error)
            }
        }
        try outcome.get()
        return result
    }

    /// The same into a buffer that has room for the text; what is in it after an error means nothing.
    static func decrypt(
        _ cipher: Cipher, key: [UInt8], nonce: [UInt8], _ sealed: UnsafeRawBufferPointer,
        into result: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        let count = sealed.count - tagCount
        guard count >= 0, key.count == 32, nonce.count == 12, result.count >= count, let context = EVP_CIPHER_CTX_new() else {
            throw CryptoError(description: "too short to be decrypted")
        }
        defer { EVP_CIPHER_CTX_free(context) }
        var (length, rest): (Int32, Int32) = (0, 0)
        var (end, tag) = ([UInt8](repeating: 0, count: 16), Array(sealed[count...]))
        let (from, to) = (sealed.bindMemory(to: UInt8.self).baseAddress, result.bindMemory(to: UInt8.self).baseAddress)
        guard EVP_DecryptInit_ex(context, cipher.evp, nil, key, nonce) == 1,
            count == 0 || EVP_DecryptUpdate(context, to, &length, from, Int32(count)) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagCount), &tag) == 1,
            EVP_DecryptFinal_ex(context, &end, &rest) == 1
        else { throw CryptoError(description: "cannot be decrypted: another key, or it was changed") }
    }

    /// The public key of a secret one (RFC 7748), 32 bytes each.
    static func x25519Public(of secret: [UInt8]) throws(CryptoError) -> [UInt8] { try publicKey(of: secret, EVP_PKEY_X25519) }

    /// X25519 of a secret and a public key: 32 bytes. Throws for a public key of small order, whose result would be known to all.
    static func x25519(_ secret: [UInt8], _ other: [UInt8]) throws(CryptoError) -> [UInt8] {
        let own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nil, secret, secret.count)
        let peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nil, other, other.count)
        let context = own.flatMap { EVP_PKEY_CTX_new($0, nil) }
        defer {
            EVP_PKEY_CTX_free(context)
            EVP_PKEY_free(own)
            EVP_PKEY_free(peer)
        }
        var result = [UInt8](repeating: 0, count: 32)
        var length = 32
        guard let context, let peer, EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, peer) == 1,
            EVP_PKEY_derive(context, &result, &length) == 1, length == 32, result.contains(where: { $0 != 0 })
        else { throw CryptoError(description: "a key that is no key") }
        return result
    }

    /// The public key of an Ed25519 secret (RFC 8032), 32 bytes each.
    static func ed25519Public(of secret: [UInt8]) throws(CryptoError) -> [UInt8] { try publicKey(of: secret, EVP_PKEY_ED25519) }

    private static func publicKey(of secret: [UInt8], _ type: Int32) throws(CryptoError) -> [UInt8] {
        let key = EVP_PKEY_new_raw_private_key(type, nil, secret, secret.count)
        defer { EVP_PKEY_free(key) }
        var result = [UInt8](repeating: 0, count: 32)
        var length = 32
        guard let key, EVP_PKEY_get_raw_public_key(key, &result, &length) == 1, length == 32 else {
            throw CryptoError(description: "a key that is no key")
        }
        return result
    }

    /// An Ed25519 signature: 64 bytes.
    static func sign(_ text: [UInt8], with secret: [UInt8]) throws(CryptoError) -> [UInt8] {
        let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, secret, secret.count)
        let context = EVP_MD_CTX_new()
        defer {
            EVP_MD_CTX_free(context)
            EVP_PKEY_free(key)
        }
        var signature = [UInt8](repeating: 0, count: 64)
        var length = 64
        guard let key, let context, EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
            EVP_DigestSign(context, &signature, &length, text, text.count) == 1, length == 64
        else { throw CryptoError(description: "cannot sign: the key is no Ed25519 key") }
        return signature
    }

    /// Whether `signature` is one of `text` by the owner of `key`.
    static func verify(_ signature: [UInt8], of text: [UInt8], by key: [UInt8]) -> Bool {
        let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, key, key.count)
        let context = EVP_MD_CTX_new()
        defer {
            EVP_MD_CTX_free(context)
            EVP_PKEY_free(key)
        }
        guard let key, let context, EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, text, text.count) == 1
    }

    /// The 32 secret bytes of an Ed25519 key in a PEM file, as `openssl genpkey -algorithm ed25519` writes it; `nil`: it is none.
    static func ed25519Secret(pem: [UInt8]) -> [UInt8]? {
        var text = pem
        let bio = BIO_new_mem_buf(&text, Int32(text.count))
        defer { BIO_free(bio) }
        // With a passphrase it could not be used by a program that runs by itself: none is asked for.
        let key = PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
        defer { EVP_PKEY_free(key) }
        var secret = [UInt8](repeating: 0, count: 32)
        var length = 32
        guard let key, EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519, EVP_PKEY_get_raw_private_key(key, &secret, &length) == 1,
            length == 32
        else { return nil }
        return secret
    }
}
