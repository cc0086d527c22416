import CLinux
import Glibc

/// Block maps that say of a finished file that it is finished, because the file itself cannot (see `VersionStamp`) or was moved away.
/// They keep a block that comes once more from beginning the file anew.
enum DoneMaps {
    /// Seconds after which nothing of that posting is expected any more.
    static let lifetime = 2 * 86_400

    /// Removes those in `directory` that are old enough. Each finished file that leaves one sweeps its directory.
    static func sweep(_ directory: Int32, lock: String) {
        let own = dd_openat(directory, ".", O_RDONLY | O_DIRECTORY, 0)
        guard own >= 0, let stream = fdopendir(own) else { return }
        defer { closedir(stream) }
        let now = Int(time(nil))
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard let name = String(validating: bytes, as: UTF8.self), BlockNames.isMap(name, lock: lock) else { continue }
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
