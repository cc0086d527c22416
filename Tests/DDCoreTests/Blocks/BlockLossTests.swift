import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("blocks that the disk has lost")
struct BlockLossTests {
    let folder: TemporaryFolder
    let directory: Int32
    let source: BlockSource
    private let buffer = [UInt8](repeating: 0, count: FileReader.bufferSize)

    init() throws {
        folder = try TemporaryFolder()
        directory = open(folder.path, O_RDONLY | O_DIRECTORY)
        var random = AssemblyTests.seed.generator()
        source = try BlockSource(AssemblyTests.bytes(1_000, &random), blockSize: 100)
    }

    private func assembly(_ mount: UInt8) throws -> AssemblyFile {
        var site = AssemblyFile.Site(directory: directory, name: "f", lock: ".tmp", shown: "f")
        site.host = [UInt8](repeating: mount, count: 16)
        let version = try FileVersion(source.post(0), source.plan.parts(0, method: .inplace))
        guard case .open(let assembly) = try AssemblyFile.open(version, site, overwrites: true) else {
            throw FileError(.system, "it is not open")
        }
        return assembly
    }

    /// Stores blocks; what is in `lost` counts without its bytes.
    private func store(_ assembly: AssemblyFile, _ blocks: ClosedRange<Int64>, lost: Int64? = nil) throws {
        for block in blocks {
            let parts = try source.plan.parts(block, method: .inplace)
            guard case .needed = try assembly.begin(parts, .none("0")) else { throw FileError(.system, "\(block)") }
            if block != lost { try Array(source.block(parts)).withUnsafeBytes { try assembly.write($0, at: parts.offset) } }
            guard case .file(_, .digest(let algorithm, let value)) = try source.post(block).event else { continue }
            _ = try assembly.commit(block, BlockEntry(algorithm, value))
        }
    }

    private func needs(_ assembly: AssemblyFile, _ block: Int64) throws -> Bool {
        guard case .needed = try assembly.begin(try source.plan.parts(block, method: .inplace), .none("0")) else { return false }
        assembly.abandon(block)
        return true
    }

    @Test("a block that comes again is compared with the disk, whatever the map says")
    func confirmed() throws {
        let assembly = try assembly(1)
        try store(assembly, 0...8, lost: 4)
        var buffer = buffer
        for block: Int64 in 0...8 {
            let isThere = try buffer.withUnsafeMutableBytes { try assembly.confirm(block, DigestCache(), through: $0) }
            #expect(isThere == (block != 4))
        }
        for block: Int64 in 0...9 { #expect(try needs(assembly, block) == (block == 4 || block == 9)) }
    }

    // Found before: "201" and no file.
    @Test(
        "a map that says the file has its name, when a loss has taken the name, is started afresh; on the same mount it was moved on"
    )
    func name() throws {
        do {
            let assembly = try assembly(1)
            try store(assembly, 0...9)
            _ = try assembly.map.locked {
                guard var header = assembly.map.header() else { return }
                header.steps.insert(.renamed)
                try assembly.map.write(header)
            }
            unlinkat(directory, assembly.temporaryName, 0)
        }
        #expect(try needs(assembly(1), 3) == false)
        #expect(try needs(assembly(2), 3))
    }

    @Test("this start of the machine and this mount have a mark of their own")
    func mount() throws {
        let here = Host.mount(of: directory)
        #expect(here == Host.mount(of: directory) && here.count == 16 && here != Host.thisStart)
    }
}
