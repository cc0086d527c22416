import DDTestSupport
import Testing

@testable import DDCore

@Suite("the ledger of one connection")
struct LedgerTests {
    static let seed = Seed()

    /// A ledger and its model, driven together.
    struct Run {
        var ledger: Ledger
        var model = LedgerModel()
        var random: SplitMix64
        var groups: [UInt64] = []
        let generation: Int
        let place: Comment
        let directories: [HeldDirectory]

        init(_ number: Int) throws {
            directories = [try HeldDirectory(at: "/"), try HeldDirectory(at: "/"), try HeldDirectory(at: "/proc")]
            random = LedgerTests.seed.generator(case: number)
            generation = Int.random(in: 1...3, using: &random)
            ledger = Ledger(generation: generation)
            place = "\(LedgerTests.seed) case \(number)"
        }

        mutating func admit() {
            ledger.admit(model.admit())
        }

        mutating func settle() throws {
            guard let tag = model.unsettled.randomElement(using: &random) else { return }
            var outcome = Outcome(.done)
            let (announcements, reports) = (Int.random(in: 0...2, using: &random), Int.random(in: 0...2, using: &random))
            outcome.announcements = (0..<announcements).map { Sample.outgoing(.announcements, "a\($0)") }
            outcome.reports = (0..<reports).map { Sample.outgoing(.reports, "r\($0)") }
            outcome.touchedRoot = Bool.random(using: &random) ? directories.randomElement(using: &random) : nil
            let first = ledger.settle(tag, outcome, try Sample.job(tag, "f"))
            let count = model.settle(
                tag, announcements: announcements, reports: reports,
                root: outcome.touchedRoot.flatMap { root in directories.firstIndex { $0 === root } })
            try #require(
                first.count == count && first.allSatisfy { $0.lane == (announcements > 0 ? .announcements : .reports) }, place)
        }

        mutating func confirm() throws {
            guard let tag = model.unconfirmed.randomElement(using: &random) else { return }
            let next = ledger.confirmed(tag)
            let count = model.confirm(tag)
            try #require(next.count == count && next.allSatisfy { $0.lane == .reports }, place)
        }

        mutating func beginSync() throws {
            try #require(!ledger.unsyncedRoots.isEmpty || !model.wantsSync, place)
            guard !ledger.unsyncedRoots.isEmpty else { return }
            let group = ledger.beginSync().group
            groups.append(group)
            model.beginSync(group)
            try #require(ledger.unsyncedRoots.isEmpty, place)
        }

        mutating func endSync() {
            // Now and then a sync that was begun for the connection before this one ends late, and sometimes it has failed.
            if Int.random(in: 0..<4, using: &random) == 0 {
                let device = Bool.random(using: &random) ? Int.random(in: 0...1, using: &random) : nil
                ledger.synced(
                    UInt64(generation - 1) << 32 + 1_000, devices: Set(device.map { [directories[$0 * 2].state.device] } ?? []))
                if let device { model.fail(device) }
            }
            guard !groups.isEmpty else { return }
            let group = groups.removeFirst()
            // One in four fails for a directory, in one of two the whole device; and of one in four nothing is known.
            let failed = Int.random(in: 0..<4, using: &random) == 0 ? Int.random(in: 0...2, using: &random) : nil
            let device = Bool.random(using: &random) ? failed.map { $0 / 2 } : nil
            let unknown = Int.random(in: 0..<4, using: &random) == 0 ? Int.random(in: 0...2, using: &random) : nil
            let (lost, open) = (
                Set(failed.map { [$0] } ?? []), Set(unknown.map { [$0] } ?? []).subtracting(failed.map { [$0] } ?? [])
            )
            ledger.synced(
                group, lost: Set(lost.map { directories[$0] }),
                devices: Set(device.map { [directories[$0 * 2].state.device] } ?? []),
                unknown: Set(open.map { directories[$0] }))
            if let device { model.fail(device) }
            model.synced(group, lost: lost, unknown: open)
        }

        mutating func takeLost() throws {
            try #require(ledger.takeLost().map(\.delivery.tag).sorted() == model.takeLost(), place)
        }

        mutating func acknowledge() throws {
            try takeLost()
            let due = model.tags.filter(model.isDue)
            for (tag, multiple) in ledger.takeAcknowledgements() {
                let settled = model.settled(by: tag, multiple: multiple)
                try #require(!settled.isEmpty, "the broker refuses tag \(tag), multiple \(multiple): \(place)")
                for tag in settled { try #require(model.isDue(tag), "tag \(tag) too early: \(place)") }
                model.forget(settled)
            }
            for tag in due { try #require(!model.tags.contains(tag), "tag \(tag) left out: \(place)") }
            try #require(ledger.open == model.tags.count, place)
        }

        mutating func step() throws {
            switch Int.random(in: 0..<12, using: &random) {
            case 0...2: admit()
            case 3...4: try settle()
            case 5...8: try confirm()
            case 9: try beginSync()
            case 10: endSync()
            default: try acknowledge()
            }
        }

        mutating func finish() throws {
            while !model.tags.isEmpty {
                try settle()
                try confirm()
                if Int.random(in: 0..<8, using: &random) == 0 {
                    try beginSync()
                    endSync()
                    try acknowledge()
                }
            }
        }
    }

    @Test("however many pass one that takes long, no more is remembered than is open, and in the end it is acknowledged")
    func bounded() throws {
        var ledger = Ledger(generation: 1)
        ledger.admit(1)
        for tag in 2...50_000 as ClosedRange<UInt64> {
            ledger.admit(tag)
            if tag.isMultiple(of: 1_000) {
                ledger.requeue(tag)
            } else {
                _ = ledger.settle(tag, Outcome(.done))
                #expect(ledger.takeAcknowledgements().map(\.tag) == [tag])
            }
        }
        let remembered = Mirror(reflecting: ledger).children.compactMap { ($0.value as? any Collection)?.count }.max()
        #expect(try #require(remembered) < 2_000 && ledger.open == 1)
        _ = ledger.settle(1, Outcome(.done))
        #expect(ledger.takeAcknowledgements().map(\.tag) == [1] && ledger.open == 0)
    }

    @Test("acknowledges in the order that loses nothing, and every tag once, as a slow model says")
    func interleavings() throws {
        for number in 0..<1_000 {
            var run = try Run(number)
            for _ in 0..<Int.random(in: 1...150, using: &run.random) { try run.step() }
            try run.finish()
        }
    }

    @Test("keeps the same order over thousands of deliveries, of which the oldest waits longest")
    func long() throws {
        var run = try Run(0)
        run.admit()
        for _ in 0..<3_000 {
            run.admit()
            let tag = run.model.newest
            _ = run.ledger.settle(tag, Outcome(.done))
            _ = run.model.settle(tag, announcements: 0, reports: 0, root: nil)
            if tag % 7 == 0 { try run.acknowledge() }
        }
        try run.finish()
    }

    // Found before: the last of an unbroken run had been acknowledged by itself, and the broker closed the channel over the second time.
    @Test("a run that ends with tags acknowledged before is named by the last that is not")
    func runEndsWithAcknowledged() {
        var ledger = Ledger(generation: 1)
        for tag in UInt64(1)...3 { ledger.admit(tag) }
        _ = ledger.settle(3, Outcome(.done))
        _ = ledger.settle(2, Outcome(.done))
        #expect(ledger.takeAcknowledgements().map(\.tag).sorted() == [2, 3])
        _ = ledger.settle(1, Outcome(.done))
        let last = ledger.takeAcknowledgements()
        #expect(last.map(\.tag) == [1] && last.map(\.multiple) == [true])
    }

    @Test("what is not in it settles, confirms and publishes nothing")
    func strangers() {
        var ledger = Ledger(generation: 1)
        ledger.admit(1)
        var outcome = Outcome(.done)
        outcome.reports = [Sample.outgoing(.reports, "r")]
        #expect(ledger.settle(0, outcome).isEmpty && ledger.settle(2, outcome).isEmpty)
        #expect(ledger.confirmed(2).isEmpty && ledger.confirmed(UInt64.max).isEmpty)
        #expect(ledger.takeAcknowledgements().isEmpty && ledger.open == 1)
    }
}
