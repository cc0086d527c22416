import CLinux
import Glibc

/// Opens sealed files for one of their readers.
struct Unsealer {
    private let identities: [AgeKey.Identity]
    private let signers: [String: [UInt8]]

    /// Opens what was sealed for one of `identities` by one of `signers`.
    init(identities: [AgeKey.Identity], signers: [String: [UInt8]]) { (self.identities, self.signers) = (identities, signers) }

    /// Opens the sealed file at `path`. The file lands below `folder` under the path that its source has signed; without a folder beside the sealed
    /// one, which then must have the name that was signed. It gets its name when all of it is as it was signed; one that is there and younger is
    /// not replaced. Returns where it is.
    func open(_ path: String, into folder: String?) throws -> (root: String, place: Place) {
        let file = dd_openat(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW, 0)
        guard file >= 0 else { throw FileError("cannot open \(path)") }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0 else { throw FileError("cannot look at \(path)") }
        let head = try Self.bytes(file, path, at: 0, count: SealedFile.headCount)
        guard let (age, offset) = SealedFile.lengths(head) else { throw FileError(.notAllowed, "\(path) is not sealed") }
        let text = try AgeFile.decrypt(try Self.bytes(file, path, at: Int64(SealedFile.headCount), count: age), with: identities)
        let manifest = try SealedManifest(text, signers: signers)
        guard identities.contains(where: { manifest.readers.contains($0.recipient.description) }) else {
            throw CryptoError(description: "\(manifest.source) has not sealed it for this reader")
        }
        let tags = Int64(manifest.marks.count * Primitives.tagCount)
        guard Int64(facts.st_size) == offset + manifest.size + tags else {
            throw CryptoError(description: "it has \(facts.st_size) bytes, and was sealed with \(offset + manifest.size + tags)")
        }
        let (root, place) = try Self.place(of: manifest, path, folder)
        let target = try DocumentRoot(root)
        if let entry = try target.entry(at: place), entry.kind == .file, entry.modified > manifest.time {
            throw FileError(.notAllowed, "\(root)/\(place.relpath) is younger than what was sealed: it is not replaced")
        }
        let blocks = try SealedBlocks(key: manifest.key, count: Int64(manifest.marks.count))
        try target.receive(place, lock: IncomingFile.defaultLock) { plain in
            let room = Int(min(manifest.blockSize, manifest.size + Int64(Primitives.tagCount)))
            let (sealed, text) = (
                UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 16),
                UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 16)
            )
            defer {
                sealed.deallocate()
                text.deallocate()
            }
            for (number, mark) in manifest.marks.enumerated() {
                let start = Int64(number) * manifest.blockSize
                let count = min(manifest.blockSize, Int64(facts.st_size) - offset - start)
                let part = UnsafeMutableRawBufferPointer(rebasing: sealed[..<Int(count)])
                guard FileBytes.read(file, into: part, at: offset + start) == Int(count) else {
                    throw CryptoError(description: "it is cut short")
                }
                try blocks.open(Int64(number), mark: mark, UnsafeRawBufferPointer(part), into: text)
                try plain.append(UnsafeRawBufferPointer(rebasing: text[..<(Int(count) - Primitives.tagCount)]))
            }
            try plain.commit(mtime: manifest.time, mode: 0o600, synced: true)
        }
        return (root, place)
    }

    private static func place(of manifest: SealedManifest, _ path: String, _ folder: String?) throws -> (String, Place) {
        let signed = try Place(manifest.path)
        if let folder { return (folder, signed) }
        let absolute = Path.absolute(path)
        let name = absolute.split(separator: "/").last.map(String.init) ?? ""
        guard name == signed.name + SealedFile.suffix else {
            throw CryptoError(description: "it was sealed as \(signed.name)\(SealedFile.suffix), and is called \(name)")
        }
        return (String(absolute.dropLast(name.count + 1)), try Place(signed.name))
    }

    private static func bytes(_ file: Int32, _ path: String, at offset: Int64, count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = bytes.withUnsafeMutableBytes { FileBytes.read(file, into: $0, at: offset) }
        guard read == count else { throw CryptoError(description: "it is cut short") }
        return bytes
    }
}
