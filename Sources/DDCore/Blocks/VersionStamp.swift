import CLinux
import Glibc

/// A mark on a finished file that says which version it is: an extended attribute, so that it goes where the file goes and nothing lies
/// beside it. File systems without such attributes keep the header of the block map instead.
struct VersionStamp: Equatable {
    private static let attribute = "user.dd.version"

    let identity: [UInt8]
    let announced: Timestamp
    /// The block that was the last to come: when it comes again after a crash, the file is reported again.
    let finisher: Int64

    init(_ header: BlockMapHeader) {
        identity = header.version.identity
        announced = header.version.announced
        finisher = header.finisher
    }

    /// The mark of a file that was fetched as a whole: no block was its last.
    init(wholeOf version: FileVersion) {
        (identity, announced, finisher) = (version.identity, version.announced, -1)
    }

    /// Reads the mark of an open file; `nil` when it has none.
    init?(of file: Int32) {
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = bytes.withUnsafeMutableBytes { dd_get_attribute(file, Self.attribute, $0.baseAddress, $0.count) }
        guard count > 0 else { return nil }
        let words = String(decoding: bytes[..<Int(count)], as: UTF8.self).split(separator: " ")
        guard words.count == 3, let announced = try? Timestamp(wire: words[0]),
            let identity = Hexadecimal.bytes(words[1], count: 16), let finisher = Int64(words[2])
        else { return nil }
        self.identity = identity
        self.announced = announced
        self.finisher = finisher
    }

    /// Marks an open file, where its file system can.
    func write(to file: Int32) {
        let text = Array("\(announced.wire) \(Hexadecimal.text(identity)) \(finisher)".utf8)
        _ = text.withUnsafeBytes { dd_set_attribute(file, Self.attribute, $0.baseAddress, $0.count) }
    }

    /// Whether a file with this mark is the version announced as `version`.
    func isOf(_ version: FileVersion) -> Bool { identity == version.identity && announced == version.announced }
}
