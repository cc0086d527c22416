/// A file of age (age-encryption.org/v1): a header in which a key of 16 bytes is wrapped for each recipient, and text under that key.
///
/// `age -d` opens what `encrypt` makes, and `decrypt` what `age -r` makes, as far as its recipients are X25519 keys; other kinds of recipients in
/// it are passed over.
enum AgeFile {
    private static let version = "age-encryption.org/v1"
    private static let label = Array("age-encryption.org/v1/X25519".utf8)
    private static let chunk = 65_536
    /// Recipients of one file, at most.
    static let maxRecipients = 10_000

    /// Encrypts a text that is held in memory.
    static func encrypt(_ text: [UInt8], to recipients: [AgeKey.Recipient]) throws -> [UInt8] {
        let fileKey = try Primitives.random(16)
        var header = version + "\n"
        for recipient in recipients {
            let ephemeral = try Primitives.random(32)
            let share = try Primitives.x25519Public(of: ephemeral)
            let shared = try Primitives.x25519(ephemeral, recipient.bytes)
            let key = try Primitives.derive(shared, salt: share + recipient.bytes, info: label)
            let body = try fileKey.withUnsafeBytes { try Primitives.encrypt(.chacha, key: key, nonce: zero, $0) }
            header += "-> X25519 \(unpadded(share))\n\(unpadded(body))\n"
        }
        header += "---"
        header += " \(unpadded(try mac(header, fileKey)))\n"
        let nonce = try Primitives.random(16)
        let key = try Primitives.derive(fileKey, salt: nonce, info: Array("payload".utf8))
        var result = Array(header.utf8) + nonce
        var (start, number) = (0, 0)
        repeat {
            let end = min(start + chunk, text.count)
            let isLast = end == text.count
            result += try text[start..<end].withUnsafeBytes {
                try Primitives.encrypt(.chacha, key: key, nonce: counter(number, isLast: isLast), $0)
            }
            (start, number) = (end, number + 1)
        } while start < text.count
        return result
    }

    /// Decrypts a file with one of `identities`. Throws when none of them is among its recipients, or a bit was changed.
    static func decrypt(_ file: [UInt8], with identities: [AgeKey.Identity]) throws -> [UInt8] {
        let (stanzas, signed, tag, start) = try header(file)
        guard let fileKey = open(stanzas, identities) else { throw CryptoError(description: "it is encrypted for others") }
        guard try mac(signed, fileKey) == tag else { throw CryptoError(description: "its list of recipients was changed") }
        guard file.count >= start + 16 + Primitives.tagCount else { throw CryptoError(description: "it is cut short") }
        let key = try Primitives.derive(fileKey, salt: Array(file[start..<start + 16]), info: Array("payload".utf8))
        var result: [UInt8] = []
        var (place, number) = (start + 16, 0)
        while place < file.count {
            let end = min(place + chunk + Primitives.tagCount, file.count)
            let isLast = end == file.count
            let text = try file[place..<end].withUnsafeBytes {
                try Primitives.decrypt(.chacha, key: key, nonce: counter(number, isLast: isLast), $0)
            }
            // Only the very first chunk may be empty: a file has one form.
            guard !text.isEmpty || number == 0 else { throw CryptoError(description: "it has an empty end") }
            result += text
            (place, number) = (end, number + 1)
        }
        return result
    }

    private struct Stanza {
        let arguments: [String]
        let body: [UInt8]
    }

    private static func open(_ stanzas: [Stanza], _ identities: [AgeKey.Identity]) -> [UInt8]? {
        for identity in identities {
            for stanza in stanzas where stanza.arguments.count == 2 && stanza.arguments[0] == "X25519" {
                // Before anything is computed: a body of another length is another kind of thing.
                guard stanza.body.count == 32, let share = bytes(unpadded: stanza.arguments[1]), share.count == 32,
                    let shared = try? Primitives.x25519(identity.secret, share),
                    let key = try? Primitives.derive(shared, salt: share + identity.recipient.bytes, info: label),
                    let fileKey = try? stanza.body.withUnsafeBytes({ try Primitives.decrypt(.chacha, key: key, nonce: zero, $0) })
                else { continue }
                return fileKey
            }
        }
        return nil
    }

    /// The stanzas, what the MAC covers, the MAC, and where the text begins.
    private static func header(_ file: [UInt8]) throws -> (stanzas: [Stanza], signed: String, tag: [UInt8], end: Int) {
        var place = 0
        func line() throws -> String {
            guard let end = file[place...].prefix(4096).firstIndex(of: 0x0A),
                let text = String(validating: file[place..<end], as: UTF8.self)
            else { throw CryptoError(description: "it has no header of age") }
            place = end + 1
            return text
        }
        guard try line() == version else { throw CryptoError(description: "it has no header of age") }
        var stanzas: [Stanza] = []
        while true {
            let begin = place
            let text = try line()
            if text.hasPrefix("--- "), let tag = bytes(unpadded: String(text.dropFirst(4))), tag.count == 32 {
                let signed = String(decoding: file[..<(begin + 3)], as: UTF8.self)
                return (stanzas, signed, tag, place)
            }
            guard text.hasPrefix("-> "), stanzas.count < maxRecipients else {
                throw CryptoError(description: "its header of age cannot be read")
            }
            var body = ""
            // The last line is shorter than 64, and may be empty.
            while true {
                let part = try line()
                body += part
                guard part.utf8.count == 64 else {
                    guard part.utf8.count < 64, let bytes = bytes(unpadded: body) else {
                        throw CryptoError(description: "its header of age cannot be read")
                    }
                    stanzas.append(Stanza(arguments: text.dropFirst(3).split(separator: " ").map(String.init), body: bytes))
                    break
                }
            }
        }
    }

    private static let zero = [UInt8](repeating: 0, count: 12)

    private static func counter(_ number: Int, isLast: Bool) -> [UInt8] {
        (0..<11).map { UInt8(truncatingIfNeeded: number >> (8 * (10 - $0) < 64 ? 8 * (10 - $0) : 63)) } + [isLast ? 1 : 0]
    }

    private static func mac(_ header: String, _ fileKey: [UInt8]) throws -> [UInt8] {
        Primitives.mac(try Primitives.derive(fileKey, salt: [], info: Array("header".utf8)), Array(header.utf8))
    }

    private static func unpadded(_ bytes: [UInt8]) -> String { String(Base64.text(bytes).prefix { $0 != "=" }) }

    private static func bytes(unpadded text: String) -> [UInt8]? {
        guard !text.utf8.contains(UInt8(ascii: "=")) else { return nil }
        let bytes = Base64.bytes(text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4))
        // One text for each value: bits that are not used are 0.
        return bytes.flatMap { unpadded($0) == text ? $0 : nil }
    }
}
