import Glibc

extension AssemblyFile {
    /// What is here of a version that is announced as a whole after its blocks were.
    enum Standing {
        /// Nothing.
        case absent
        /// Some blocks, or all, and the file has not got its name or its program has not judged it.
        case underWay
        /// The file.
        case complete
    }

    /// What is here of `version`.
    static func standing(of version: FileVersion, _ site: Site) throws -> Standing {
        let name = BlockNames.map(of: site.name, lock: site.lock)
        if faccessat(site.directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 {
            let map = try BlockMap(directory: site.directory, fileName: name, shown: site.shown)
            let found: Standing?? = try map.locked {
                guard let header = map.header(), header.version.identity == version.identity,
                    header.version.announced == version.announced
                else { return nil }
                return header.steps.contains(.done) ? .complete : .underWay
            }
            if let found = found ?? nil { return found }
        }
        guard let file = EarlierFile(site.directory, site.name), VersionStamp(of: file.file)?.isOf(version) == true else {
            return .absent
        }
        return .complete
    }

    /// The file was fetched as a whole: what was begun of its blocks goes, and a block that still comes finds it complete.
    static func replace(_ version: FileVersion, _ site: Site) throws {
        if let file = EarlierFile(site.directory, site.name) { VersionStamp(wholeOf: version).write(to: file.file) }
        try drop(site, before: Timestamp(seconds: version.announced.seconds, nanoseconds: version.announced.nanoseconds + 1))
    }
}
