import Glibc

/// Reading and writing at an offset, all bytes or as many as there are.
enum FileBytes {
    /// Fills `buffer` from `offset` on (`pread`); how many bytes there were, -1 with `errno` when the file cannot be read.
    static func read(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int {
        var got = 0
        while got < buffer.count {
            let count = pread(file, buffer.baseAddress?.advanced(by: got), buffer.count - got, off_t(offset) + off_t(got))
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return -1 }
            if count == 0 { break }
            got += count
        }
        return got
    }

    /// Writes all of `bytes` at `offset` (`pwrite`); `false` with `errno` when that fails.
    static func write(_ file: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int64) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = pwrite(file, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset) + off_t(done))
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return false }
            done += count
        }
        return true
    }

    /// What is read next comes from the disk, where it is not still to be written there: bytes whose writing failed stay in memory as if
    /// they were safe. `length` 0: to the end. Takes effect on whole pages.
    static func forgetCached(_ file: Int32, at offset: Int64, length: Int64) {
        _ = posix_fadvise(file, off_t(offset), off_t(length), POSIX_FADV_DONTNEED)
    }

    /// Hands `length` bytes from `offset` on to `body` in pieces; `false` when there are fewer.
    static func forEach(
        _ file: Int32, at offset: Int64, length: Int64, through buffer: UnsafeMutableRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        var done: Int64 = 0
        while done < length {
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, Int(clamping: length - done))])
            guard read(file, into: piece, at: offset + done) == piece.count else { return false }
            body(UnsafeRawBufferPointer(piece))
            done += Int64(piece.count)
        }
        return true
    }
}
