/// The signature of a post (`signature`): Ed25519 of what the source says of a file, in base64. It travels on unchanged, and is checked by who has
/// the source's key.
extension Post {
    /// What is signed: the path that the source gave, the time of the post, what happened, and the file's time and mode. What switches add or
    /// change on the way is not in it.
    var signedText: [UInt8] {
        let what =
            switch event {
            case .file(let parts, let sum): "file \(parts?.wire ?? "-") \(sum.wire)"
            case .link(let target): "link \(target ?? "")"
            case .removed: "removed"
            case .directory: "directory"
            case .directoryRemoved: "directory removed"
            }
        let path = postedAs ?? location.relpath
        let facts = [mtime?.wire ?? "-", mode.map { String($0) } ?? "-", oldname ?? "-", newname ?? "-"]
        return Array((["dd post", path, time.wire, what] + facts).map { $0 + "\n" }.joined().utf8)
    }

    /// Signs it with an Ed25519 secret.
    mutating func sign(with secret: [UInt8]) throws {
        unknown[Self.signatureHeader] = Base64.text(try Primitives.sign(signedText, with: secret))
    }

    /// Why it is not certain that its source has posted it, or `nil`. `signers` are the keys of sources by `alice@a`.
    func signatureFault(_ signers: [String: [UInt8]]) -> String? {
        let name = "\(source ?? "")@\(fromCluster ?? "")"
        guard let text = unknown[Self.signatureHeader] else { return "it is not signed" }
        guard let key = signers[name] else { return "\(name) is not among the signers" }
        guard let signature = Base64.bytes(text), Primitives.verify(signature, of: signedText, by: key) else {
            return "\(name) has not signed it"
        }
        return nil
    }
}
