import CLinux
import Glibc

/// Files that leave the document root, or come back to it.
extension DocumentRoot {
    /// Moves the file at `place` to a path outside. To another file system it is copied, and removed here when the copy is safe.
    func move(_ place: Place, to path: String) throws(FileError) {
        try inDirectory(of: place, make: false) { directory throws(FileError) in
            if renameat(directory, place.name, AT_FDCWD, path) == 0 { return }
            guard errno == EXDEV else { throw FileError("cannot move \(self.path)/\(place.relpath) to \(path)") }
            try copy(directory, place.name, AT_FDCWD, path)
            guard unlinkat(directory, place.name, 0) == 0 else { throw FileError("cannot remove \(self.path)/\(place.relpath)") }
        }
    }

    /// Moves a file from outside to `place`, where nothing may be.
    func bring(_ place: Place, from path: String) throws(FileError) {
        try inDirectory(of: place, make: true) { directory throws(FileError) in
            if renameat(AT_FDCWD, path, directory, place.name) == 0 { return }
            guard errno == EXDEV else { throw FileError("cannot move \(path) to \(self.path)/\(place.relpath)") }
            let aside = IncomingFile.lockName(for: place.name, lock: IncomingFile.defaultLock)
            try copy(AT_FDCWD, path, directory, aside)
            guard renameat(directory, aside, directory, place.name) == 0, unlink(path) == 0 else {
                throw FileError("cannot move \(path) to \(self.path)/\(place.relpath)")
            }
        }
    }

    private func copy(_ from: Int32, _ source: String, _ to: Int32, _ target: String) throws(FileError) {
        let input = dd_openat(from, source, O_RDONLY | O_NOFOLLOW, 0)
        guard input >= 0 else { throw FileError("cannot read \(source)") }
        defer { close(input) }
        let output = dd_openat(to, target, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
        guard output >= 0 else { throw FileError("cannot write \(target)") }
        defer { close(output) }
        var failure: FileError?
        _ = try FileReader.read(input) { bytes in
            var rest = bytes
            while !rest.isEmpty, failure == nil {
                let count = write(output, rest.baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { failure = FileError("cannot write \(target)") }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(max(0, count)))
            }
        }
        var info = stat()
        if fstat(input, &info) == 0 {
            var times = [info.st_atim, info.st_mtim]
            futimens(output, &times)
            fchmod(output, info.st_mode & 0o777)
        }
        if failure == nil, fsync(output) != 0 { failure = FileError("cannot write \(target)") }
        if let failure { throw failure }
    }
}
