import DDTestSupport
import Glibc
import Testing

@testable import DDCore

extension AttackGround {
    /// Carol goes on posting while mallory attacks: her files, one every 100 ms, must be announced within 2 s of their posts, however the
    /// attack that has just been started goes on. A single one may take five times as long, because other tests use the machine as well.
    /// The test's ingest must be running, with an `allow_url` for carol.
    func expectBystanderIsServed(files: Int = 20, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let times = try QuietSource(running, "carol").times(of: files, pause: 0.1)
        #expect(times.median < 2000, "a bystander's files took \(times.median) ms in the middle", sourceLocation: sourceLocation)
        #expect(times.longest < 10_000, "a bystander's file took \(times.longest) ms", sourceLocation: sourceLocation)
    }
}
