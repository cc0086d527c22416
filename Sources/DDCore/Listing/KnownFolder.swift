import CLinux
import Glibc

/// What was announced of one polled folder, on disk: a line for each entry, in a file of its own, so that a tree of any size needs the memory
/// of its largest folder only.
struct KnownFolder {
    /// The entries by the bytes of their names.
    private(set) var entries: [[UInt8]: ListedEntry] = [:]
    /// Those of them that the last listing did not show; they are believed to have gone when the next does not show them either.
    private(set) var missing: Set<[UInt8]> = []
    /// The form of the listing that they are from; `nil`: not written down, as before version 2 of the file.
    private(set) var form: ListingForm?
    private let path: String
    private let heading: String

    /// What the file for the folder at `url` says; nothing when there is none. Throws when it cannot be read. `home` is the folder of all such files.
    init(_ url: String, in home: String) throws {
        let digest = try Digest(.xxh128)
        Array(url.utf8).withUnsafeBytes { digest.update($0) }
        let hash = Hexadecimal.text(digest.finish())
        path = "\(home)/\(hash.prefix(2))/\(hash).known"
        heading = "dd_poll 1 \(url)"
        let lines = try (SmallFile.contents(path) ?? []).split(separator: 0x0A)
        guard let first = lines.first, first.elementsEqual(heading.utf8) else { return }
        for line in lines.dropFirst() {
            if line.starts(with: "form ".utf8) {
                form = ListingForm(rawValue: String(decoding: line.dropFirst(5), as: UTF8.self))
            }
            guard let entry = Self.entry(line) else { continue }
            entries[Array(entry.name.utf8)] = entry
            if line.first == UInt8(ascii: "F") || line.first == UInt8(ascii: "D") { missing.insert(Array(entry.name.utf8)) }
        }
    }

    /// Puts these entries in place of the former ones: written aside, made safe, renamed. `missing` are those of them that were not listed.
    mutating func replace(
        by entries: [[UInt8]: ListedEntry], missing: Set<[UInt8]> = [], form: ListingForm
    ) throws(FileError) {
        guard entries != self.entries || missing != self.missing || form != self.form else { return }
        (self.entries, self.missing, self.form) = (entries, missing, form)
        guard !entries.isEmpty else { return forget() }
        var bytes = Array("\(heading)\nform \(form.rawValue)\n".utf8)
        for (key, entry) in entries { bytes += Array(Self.line(entry, isMissing: missing.contains(key)).utf8) }
        try DocumentRoot.makeDirectories(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex)))
        do throws(ProcessError) { try SmallFile.replace(path, by: bytes, mode: 0o600) } catch {
            throw FileError(error.attempt, errno: error.number)
        }
    }

    /// Removes the file.
    func forget() { unlink(path) }

    /// An entry as it is written down.
    static func line(_ entry: ListedEntry, isMissing: Bool = false) -> String {
        let size = entry.size.map { "\($0)" } ?? "-"
        let time = entry.modified.map { "\($0.seconds)" } ?? "-"
        let kind = entry.isFolder ? (isMissing ? "D" : "d") : (isMissing ? "F" : "f")
        return "\(kind) \(size) \(time) \(entry.step) \(entry.name)\n"
    }

    private static func entry(_ line: ArraySlice<UInt8>) -> ListedEntry? {
        let fields = line.split(separator: 0x20, maxSplits: 4, omittingEmptySubsequences: false)
        guard fields.count == 5, let name = String(validating: fields[4], as: UTF8.self), !name.isEmpty else { return nil }
        func number(_ field: ArraySlice<UInt8>) -> Int64? { Int64(String(decoding: field, as: UTF8.self)) }
        return ListedEntry(
            name: name, isFolder: fields[0].elementsEqual("d".utf8) || fields[0].elementsEqual("D".utf8), size: number(fields[1]),
            modified: number(fields[2]).map { Timestamp(seconds: $0) }, step: number(fields[3]) ?? 1)
    }
}
