import CLinux
import Glibc

/// What has been seen, of a bounded number of things for a bounded time, in a file that several processes of one machine share and that outlives
/// them all.
///
///     64 bytes | slot | slot ...     32 bytes each, 16 in a bucket; a key has two buckets, and goes to the emptier one
///
/// A slot is used again when its time is over. Where both buckets of a key are full of what is still remembered, the oldest goes and is counted.
/// Memory: 43 bytes for each thing that is to be remembered (three slots in four are used), all of it in the file and the system's cache.
/// A killed process loses nothing; a machine that loses its power may lose what was seen in its last half minute.
public final class SeenTable {
    /// What is known of one thing.
    struct Entry: Equatable {
        /// The time that goes with it, in nanoseconds since 1970.
        var time: Int64
        /// Whatever its user wants to know again.
        var mark: UInt32
    }

    /// A digest of 128 bits.
    struct Key: Hashable {
        let high: UInt64
        let low: UInt64

        /// The key of a text. Throws when libxxhash fails.
        init(_ text: String) throws(DigestError) {
            let digest = try Digest(.xxh128)
            var text = text
            text.withUTF8 { digest.update(UnsafeRawBufferPointer($0)) }
            let bytes = digest.finish()
            func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
            // All zero is a free slot.
            (high, low) = (number(0..<8) | 1, number(8..<16))
        }
    }

    private struct Slot {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var time: Int64 = 0
        /// Seconds since 1970 when it was put in; 0: free.
        var since: UInt32 = 0
        var mark: UInt32 = 0
    }

    private static let magic: UInt64 = 0x6464_7365_656e_3031
    private static let (headerLength, slotLength, bucketLength) = (64, 32, 16)

    private let file: Int32
    private let memory: UnsafeMutableRawBufferPointer
    private let slots: UnsafeMutableBufferPointer<Slot>
    private let buckets: UInt64
    private let window: UInt32
    /// How often something went before its time.
    private(set) var evictions = 0

    /// Bytes of the file for `capacity` things.
    public static func bytes(for capacity: Int) -> Int { headerLength + bucketCount(capacity) * bucketLength * slotLength }

    private static func bucketCount(_ capacity: Int) -> Int { max(2, (capacity * 4 / 3 + bucketLength - 1) / bucketLength) }

    /// Opens the file at `path`, made when absent (0600); `nil`: one that nobody else has. Things are remembered for `window` seconds. A file of
    /// another size, for another `capacity`, is made anew, and `isNew` is told. Throws what the system says.
    public init(_ path: String?, capacity: Int, window: Int64, isNew: (Bool) -> Void = { _ in }) throws(ProcessError) {
        let shown = path ?? "a file in memory"
        let length = Self.bytes(for: capacity)
        let file: Int32
        if let path {
            file = try SmallFile.openPlain(path, O_RDWR | O_CREAT, mode: 0o600)
        } else {
            file = dd_memory_file()
            guard file >= 0 else { throw ProcessError("cannot make \(shown)", errno) }
        }
        do throws(ProcessError) {
            guard dd_lock_range(file, 0, 1, 1) == 0 else { throw ProcessError("cannot lock \(shown)", errno) }
            defer { dd_unlock_range(file, 0, 1) }
            var info = stat()
            var magic: UInt64 = 0
            guard fstat(file, &info) == 0 else { throw ProcessError("cannot look at \(shown)", errno) }
            let isKnown =
                info.st_size == length
                && withUnsafeMutableBytes(of: &magic) { FileBytes.read(file, into: $0, at: 0) } == 8 && magic == Self.magic
            if !isKnown {
                // Its blocks are had now: a full disk is said here, and not by a signal when a page is written.
                guard ftruncate(file, 0) == 0, ftruncate(file, off_t(length)) == 0 else {
                    throw ProcessError("cannot make \(shown) as large as \(length) bytes", errno)
                }
                let status = posix_fallocate(file, 0, off_t(length))
                guard status == 0 || status == EOPNOTSUPP else {
                    throw ProcessError("cannot make \(shown) as large as \(length) bytes", status)
                }
                magic = Self.magic
                guard withUnsafeBytes(of: &magic, { FileBytes.write(file, $0, at: 0) }) else {
                    throw ProcessError("cannot write \(shown)", errno)
                }
            }
            isNew(!isKnown)
            guard let mapped = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), mapped != MAP_FAILED else {
                throw ProcessError("cannot map \(shown)", errno)
            }
            memory = UnsafeMutableRawBufferPointer(start: mapped, count: length)
        } catch {
            close(file)
            throw error
        }
        self.file = file
        slots = UnsafeMutableRawBufferPointer(rebasing: memory[Self.headerLength...]).bindMemory(to: Slot.self)
        buckets = UInt64(Self.bucketCount(capacity))
        self.window = UInt32(clamping: window)
    }

    deinit {
        munmap(memory.baseAddress, memory.count)
        close(file)
    }

    /// Runs `body` while no other process looks here or puts something in.
    func locked<T>(_ body: () throws -> T) throws -> T {
        guard dd_lock_range(file, 0, 1, 1) == 0 else { throw ProcessError("cannot lock what was seen", errno) }
        defer { dd_unlock_range(file, 0, 1) }
        return try body()
    }

    /// What is known of `key`; `nil`: nothing, or nothing any more. `now` in seconds since 1970.
    func find(_ key: Key, now: Int64) -> Entry? {
        place(of: key, now).map { Entry(time: slots[$0].time, mark: slots[$0].mark) }
    }

    /// Remembers `entry` for `key`, in the place of what was known.
    func put(_ key: Key, _ entry: Entry, now: Int64) {
        let place = place(of: key, now) ?? freePlace(for: key, now)
        slots[place] = Slot(
            high: key.high, low: key.low, time: entry.time, since: max(1, UInt32(clamping: now)), mark: entry.mark)
    }

    private func ranges(_ key: Key) -> (Range<Int>, Range<Int>) {
        func range(_ number: UInt64) -> Range<Int> {
            let start = Int(number % buckets) * Self.bucketLength
            return start..<start + Self.bucketLength
        }
        return (range(key.low), range(key.high >> 1))
    }

    private func isLive(_ slot: Slot, _ now: Int64) -> Bool { slot.since != 0 && Int64(slot.since) + Int64(window) > now }

    private func place(of key: Key, _ now: Int64) -> Int? {
        let (first, second) = ranges(key)
        func find(_ range: Range<Int>) -> Int? {
            range.first { slots[$0].low == key.low && slots[$0].high == key.high && isLive(slots[$0], now) }
        }
        return find(first) ?? find(second)
    }

    private func freePlace(for key: Key, _ now: Int64) -> Int {
        let (first, second) = ranges(key)
        func free(_ range: Range<Int>) -> (place: Int?, count: Int) {
            var (place, count): (Int?, Int) = (nil, 0)
            for candidate in range where !isLive(slots[candidate], now) {
                place = place ?? candidate
                count += 1
            }
            return (place, count)
        }
        let (one, other) = (free(first), free(second))
        if let place = one.count >= other.count ? one.place : other.place { return place }
        evictions += 1
        let all = Array(first) + Array(second)
        return all.min { slots[$0].since < slots[$1].since } ?? first.lowerBound
    }
}
