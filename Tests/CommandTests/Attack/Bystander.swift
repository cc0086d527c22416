import DDTestSupport
import Glibc
import Testing

@testable import DDCore

extension AttackGround {
    /// Carol goes on posting while mallory attacks: each of her files, one every 100 ms, must be announced within 2 s of its post, however
    /// the attack that has just been started goes on. The test's ingest must be running, with an `allow_url` for carol.
    func expectBystanderIsServed(files: Int = 20, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let carol = try QuietSource(running, "carol")
        let milliseconds = try carol.longest(of: files, pause: 0.1)
        #expect(milliseconds < 2000, "a bystander's file took \(milliseconds) ms", sourceLocation: sourceLocation)
    }
}
