import CLinux
import Glibc

extension AssemblyFile {
    /// What came of finishing.
    enum Finish {
        /// Blocks are missing, another finishes it, or it was finished.
        case notOurs
        /// The file that was there has the same bytes: nothing was replaced.
        case unchanged
        /// The file has its name. What the program said of it: `nil` is yes.
        case done(refusal: Status?)
    }

    /// What a finished file gets, and what is started for it.
    struct Finishing {
        /// The block in hand.
        let block: Int64
        let mtime: Timestamp?
        let mode: UInt16?
        /// Runs the user's program, told whether it was started before for this version, and the file's size; `nil`: there is none.
        let program: ((Bool, Int64) throws -> Status?)?
    }

    /// Gives the file its name when all blocks are in, and runs the program: one thread of all that have the file open does so, and
    /// when it dies on the way, the next one that comes here. Throws what the program threw; then it is to be called again later.
    func finish(_ finishing: Finishing) throws -> Finish {
        guard map.claimFinish() else { return .notOurs }
        defer { map.releaseFinish() }
        let found: BlockMapHeader?? = try map.locked { try current() }
        guard let header = found ?? nil, header.isComplete, !header.steps.contains(.done) else { return .notOurs }
        if !header.steps.contains(.renamed) {
            if try keepEarlier() {
                isFinished = true
                return .unchanged
            }
            // The map says that all is there: after a power cut, too, nothing half written may be found under the file's name.
            if let size = header.size, ftruncate(file, off_t(size)) != 0 { throw FileError("cannot size \(site.shown)") }
            guard fdatasync(file) == 0 else {
                let error = FileError("cannot make \(site.shown) safe on disk")
                try distrust()
                throw error
            }
            guard try rename(finishing) else { return .notOurs }
        }
        var refusal: Status?
        if let program = finishing.program {
            try syncName()
            guard try mark(.triggered) else { return .notOurs }
            try map.sync()
            refusal = try program(header.steps.contains(.triggered), header.size ?? 0)
        }
        _ = try map.locked { try leave() }
        isFinished = true
        return .done(refusal: refusal)
    }

    /// What was written did not come to the disk, and the system does not say which of it: whoever opens the file next reads all of it.
    private func distrust() throws {
        _ = try map.locked {
            guard var header = try current() else { return }
            header.hosts = []
            try map.write(header)
        }
    }

    /// Makes the file's name safe on disk (`fsync` of its directory): what the map says of it from then on is true after a loss, too.
    private func syncName() throws {
        guard fsync(directory) != 0, errno != EINVAL else { return }
        throw FileError("cannot make the name of \(site.shown) safe on disk")
    }

    private func mark(_ step: BlockMapHeader.Steps) throws -> Bool {
        try map.locked {
            guard var header = try current() else { return false }
            header.steps.insert(step)
            try map.write(header)
            return true
        } ?? false
    }

    /// When every block is the same as before, the earlier file stays. Returns whether that is so.
    private func keepEarlier() throws -> Bool {
        try map.locked {
            guard var header = try current(), header.isComplete, let size = header.size,
                let now = EarlierFile(directory, site.name), now.size == size, now.inode == header.earlierInode,
                now.time == header.earlierTime
            else { return false }
            var isUnchanged = true
            try map.review(&header) { _, entry in
                if !entry.isUnchanged { isUnchanged = false }
                return entry
            }
            guard isUnchanged else { return false }
            VersionStamp(header).write(to: now.file)
            unlinkat(directory, temporaryName, 0)
            try map.remove(header)
            return true
        } ?? false
    }

    private func rename(_ finishing: Finishing) throws -> Bool {
        try map.locked {
            guard var header = try current(), header.isComplete else { return false }
            header.finisher = finishing.block
            try map.write(header)
            // Never a file with its name beside a map that lacks blocks: who comes after a loss could not finish it.
            try map.sync()
            if let mode = finishing.mode, fchmod(file, mode_t(mode & 0o777)) != 0 {
                throw FileError("cannot set the mode of \(site.shown)")
            }
            VersionStamp(header).write(to: file)
            if let mtime = finishing.mtime {
                let time = timespec(tv_sec: Int(mtime.seconds), tv_nsec: Int(mtime.nanoseconds))
                let times = [timespec(tv_sec: 0, tv_nsec: dd_utime_now), time]
                if futimens(file, times) != 0 { throw FileError("cannot set the time of \(site.shown)") }
            }
            guard renameat(directory, temporaryName, directory, site.name) == 0 else {
                throw FileError("cannot rename to \(site.shown)")
            }
            header.steps.insert(.renamed)
            try map.write(header)
            return true
        } ?? false
    }

    /// All is done: the map goes, unless it is needed to know the version again.
    private func leave() throws {
        guard var header = try current() else { return }
        if let placed = EarlierFile(directory, site.name), VersionStamp(of: placed.file)?.isOf(version) == true {
            try map.remove(header)
        } else {
            try syncName()
            header.steps.insert(.done)
            try map.write(header)
            map.shorten()
            try DoneMaps.sweep(directory, lock: site.lock)
        }
    }
}
