/// The files that one thread puts together, the most recent ones: they stay open from block to block.
struct AssemblyCache {
    private struct Key: Hashable {
        /// Bytes: names in different normal forms are two names.
        let path: [UInt8]

        init(_ place: Place, _ root: DocumentRoot) { path = Array("\(root.path)\0\(place.relpath)".utf8) }
    }

    private var open: [Key: (assembly: AssemblyFile, used: UInt64)] = [:]
    private var clock: UInt64 = 0
    private let limit: Int

    /// A cache of at most `limit` files.
    init(limit: Int) { self.limit = max(limit, 1) }

    /// The assembly of `version` at `place`, opened when it is not open. Throws as `AssemblyFile.open`.
    mutating func open(
        _ version: FileVersion, _ place: Place, _ root: DocumentRoot, _ settings: AcquireSettings
    ) throws -> AssemblyFile.Opening {
        let key = Key(place, root)
        clock += 1
        if let known = open[key] {
            if known.assembly.version == version {
                open[key]?.used = clock
                return .open(known.assembly)
            }
            open[key] = nil
        }
        let opening = try root.assemble(version, at: place, lock: settings.lock, overwrites: settings.overwrites)
        if case .open(let assembly) = opening {
            if open.count >= limit, let oldest = open.min(by: { $0.value.used < $1.value.used }) { open[oldest.key] = nil }
            open[key] = (assembly, clock)
        }
        return opening
    }

    /// Closes what is open at `place`.
    mutating func forget(_ place: Place, _ root: DocumentRoot) { open[Key(place, root)] = nil }
}
