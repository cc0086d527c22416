/// The first bytes of a block map: which version it is about, and how far it is. Pure.
///
/// All numbers are little-endian. What cannot be read as a header is none, and the map is started afresh.
struct BlockMapHeader: Equatable {
    /// How far the file is. Steps are added, never taken back.
    struct Steps: OptionSet {
        let rawValue: UInt32
        /// The file has its name.
        static let renamed = Steps(rawValue: 1)
        /// `on_file` was started.
        static let triggered = Steps(rawValue: 2)
        /// `on_file` has ended: this is only a mark that says so.
        static let done = Steps(rawValue: 4)
        /// The map was removed: whoever still has it open must look again.
        static let removed = Steps(rawValue: 8)
    }

    /// Bytes before the blocks' states.
    static let byteCount = 1024
    /// Where the two numbers are that each block changes: `missing` and `intent`.
    static let progressOffset: Int64 = 80
    /// Machines remembered, each by what its system calls this start of it.
    static let maxHosts = 8
    private static let magic = Array("dd-map 1".utf8)

    /// The version whose blocks are here.
    var version: FileVersion
    /// Bytes in the file; `nil` until a block tells it.
    var size: Int64?
    /// Blocks that are not in.
    var missing: Int64
    /// A block whose entry is being changed: after a crash all are counted again.
    var intent: Int64?
    var steps: Steps = []
    /// The assembled file's inode, by which it is known again under its name.
    var inode: UInt64 = 0
    /// The block that was the last to come.
    var finisher: Int64 = 0
    /// When the first block came.
    var begun: Timestamp
    /// The file that stood at the place when the first block came: its inode and modification time; 0: none.
    var earlierInode: UInt64 = 0
    var earlierTime: Int64 = 0
    /// Starts of machines (16 bytes each) that have written here: another one may have lost what was not safe on its disk.
    var hosts: [[UInt8]] = []
    /// The name of the file.
    var name: String

    /// The header of a map in which nothing is.
    init(_ version: FileVersion, name: String, begun: Timestamp = .now()) {
        self.version = version
        self.name = name
        self.begun = begun
        missing = version.count
    }

    /// Reads a header; `nil` when it is none of this form or its numbers contradict each other.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.byteCount, bytes.starts(with: Self.magic) else { return nil }
        func number(_ offset: Int) -> Int64 { Self.number(bytes, offset) }
        let announced = Timestamp(seconds: number(24), nanoseconds: Int32(truncatingIfNeeded: number(32)))
        version = FileVersion(identity: Array(bytes[8..<24]), announced: announced, blockSize: number(40), count: number(48))
        size = number(56) < 0 ? nil : number(56)
        steps = Steps(rawValue: UInt32(truncatingIfNeeded: number(64)))
        inode = UInt64(bitPattern: number(72))
        missing = number(80)
        intent = number(88) < 0 ? nil : number(88)
        begun = Timestamp(seconds: number(96), nanoseconds: Int32(truncatingIfNeeded: number(104)))
        finisher = number(112)
        earlierInode = UInt64(bitPattern: number(120))
        earlierTime = number(144)
        let hostCount = number(128)
        let nameLength = number(136)
        guard version.blockSize > 0, version.count > 0, 0...version.count ~= missing, 0...Int64(Self.maxHosts) ~= hostCount,
            1...255 ~= nameLength
        else { return nil }
        hosts = (0..<Int(hostCount)).map { Array(bytes[160 + $0 * 16..<176 + $0 * 16]) }
        guard let name = String(validating: bytes[512..<512 + Int(nameLength)], as: UTF8.self) else { return nil }
        self.name = name
    }

    /// The header as it is written.
    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        func put(_ value: Int64, _ offset: Int) {
            for index in 0..<8 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
        }
        func put(_ value: [UInt8], _ offset: Int) { bytes.replaceSubrange(offset..<offset + value.count, with: value) }
        put(Self.magic, 0)
        put(version.identity, 8)
        put(version.announced.seconds, 24)
        put(Int64(version.announced.nanoseconds), 32)
        put(version.blockSize, 40)
        put(version.count, 48)
        put(size ?? -1, 56)
        put(Int64(steps.rawValue), 64)
        put(Int64(bitPattern: inode), 72)
        put(progress, Int(Self.progressOffset))
        put(begun.seconds, 96)
        put(Int64(begun.nanoseconds), 104)
        put(finisher, 112)
        put(Int64(bitPattern: earlierInode), 120)
        put(Int64(hosts.count), 128)
        put(Int64(name.utf8.count), 136)
        put(earlierTime, 144)
        for (index, host) in hosts.enumerated() { put(host, 160 + index * 16) }
        put(Array(name.utf8), 512)
        return bytes
    }

    /// `missing` and `intent` as they are written, at `progressOffset`.
    var progress: [UInt8] {
        [missing, intent ?? -1].flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    }

    /// Whether all blocks are in.
    var isComplete: Bool { missing == 0 }

    private static func number(_ bytes: [UInt8], _ offset: Int) -> Int64 {
        var value: UInt64 = 0
        for index in (0..<8).reversed() { value = value << 8 | UInt64(bytes[offset + index]) }
        return Int64(bitPattern: value)
    }
}
