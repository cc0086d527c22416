import CLinux
import Glibc

/// Block maps that say of a finished file that it is finished, because the file itself cannot (see `VersionStamp`) or was moved away.
/// They keep a block that comes once more from beginning the file anew.
enum DoneMaps {
    /// Seconds after which nothing of that posting is expected any more.
    static let lifetime = 2 * 86_400

    /// Removes those in `directory` that are old enough. Each finished file that leaves one sweeps its directory.
    static func sweep(_ directory: Int32, lock: String) throws(FileError) {
        let reader = try DirectoryReader(of: directory, shown: "of block maps")
        let now = Int(time(nil))
        while let name = try reader.nextText() {
            guard BlockNames.isMap(name, lock: lock) else { continue }
            var info = stat()
            guard fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) == 0, info.st_size == BlockMapHeader.byteCount,
                now - info.st_mtim.tv_sec > lifetime,
                let map = try? BlockMap(directory: directory, fileName: name, shown: name)
            else { continue }
            _ = try? map.locked {
                if let header = map.header(), header.steps.contains(.done) { try map.remove(header) }
            }
        }
    }
}
