/// The names of what lies beside a file while its blocks come in. None of them is taken from a message: see `IncomingFile.isReserved`.
///
///     model.grib   .model.grib.dd.map.tmp   .model.grib.dd.0123456789abcdef.tmp
///                  the block map            the file itself, of one version
public enum BlockNames {
    /// The block map's.
    static func map(of name: String, lock: String) -> String { IncomingFile.hidden(name, ".dd.map\(lock)") }

    /// The unfinished file's. It has the version's mark, so that what is written of an older version never reaches a newer one.
    static func assembly(of name: String, _ version: FileVersion, lock: String) -> String {
        IncomingFile.hidden(name, ".dd.\(version.mark)\(lock)")
    }

    /// Whether a name is that of a block map.
    static func isMap(_ name: String, lock: String) -> Bool {
        name.utf8.first == UInt8(ascii: ".") && IncomingFile.ends(name, ".dd.map\(lock)")
    }

    /// Whether a name is that of an unfinished file.
    static func isAssembly(_ name: String, lock: String) -> Bool {
        guard name.utf8.first == UInt8(ascii: "."), IncomingFile.ends(name, lock) else { return false }
        let tail = Array(name.utf8.dropLast(lock.utf8.count).suffix(20))
        return tail.count == 20 && tail.starts(with: ".dd.".utf8) && tail.dropFirst(4).allSatisfy { Hexadecimal.value($0) != nil }
    }
}
