import Glibc

/// Removes what sources leave lying about: unfinished files whose blocks do not come any more, which is reported to their sources, what a
/// killed program has left behind, and files that were kept aside long ago. A thread of its own looks when this object is made and from
/// time to time, and ends with this object.
public final class Expiry {
    private let stop: EventFD

    /// What is to be done, and how often.
    fileprivate struct Task: Sendable {
        let plan: SaraPlan
        let unfinished: Double?
        let aside: Double?
        let quarantine: Quarantine
        /// Keeps other processes from doing the same at the same time.
        let lock: String
        /// Where reports go.
        let broker: BrokerSettings
        let log: Log

        /// Seconds between two looks.
        var pause: Double {
            let shortest = min(unfinished ?? .infinity, aside ?? .infinity)
            return max(1, min(plan.placement.daily ? 6 * 3600 : 86_400, shortest / 4))
        }
    }

    /// Begins with what dd_sara's options ask for. Throws when the process has no descriptor left.
    public init(_ plan: SaraPlan, _ options: SaraOptions) throws {
        stop = try EventFD()
        let task = Task(
            plan: plan, unfinished: options.admission.unfinishedKeep?.inSeconds,
            aside: options.admission.quarantineKeep?.inSeconds, quarantine: Quarantine(options.admission.quarantine),
            lock: options.usageFile + ".sweep",
            broker: BrokerSettings(options.intake.broker, options.common), log: options.common.log)
        guard task.unfinished != nil || task.aside != nil else { return }
        try Thread.start(for: "what is too old") { [stop] in
            var looked: Timestamp?
            var measured = Monotonic.now()
            repeat {
                let now = Timestamp.now()
                if task.sweep(since: looked) { looked = now }
                if Monotonic.now() - measured > 86_400 {
                    // What was deleted by hand, and what was counted and lost.
                    task.plan.usage?.measureAgain()
                    measured = Monotonic.now()
                }
            } while Self.sleep(task.pause, stop)
        }
    }

    deinit { stop.signal() }

    /// False when it is to end.
    private static func sleep(_ seconds: Double, _ stop: EventFD) -> Bool {
        !stop.wait(seconds: seconds)
    }
}

extension Expiry.Task {
    /// Removes what is too old. `looked`: when all was last looked at. False when that was not possible, and is to be tried again.
    func sweep(since looked: Timestamp?) -> Bool {
        do {
            try SmallFile.makeFolder(holding: lock, mode: 0o700)
            guard let own = try FileLock(lock) else { return false }
            if let aside { try removeAside(olderThan: aside) }
            if let unfinished { try removeUnfinished(olderThan: unfinished, since: looked) }
            _ = own.descriptor
            return true
        } catch {
            log.warning("unfinished files are not removed now: \(error); trying again later")
            return false
        }
    }

    private func removeAside(olderThan age: Double) throws {
        let (items, unreadable) = try quarantine.contents()
        for name in unreadable {
            log.warning("\(quarantine.folder)/\(name) is no file that was kept aside, or cannot be read, and stays: look at it")
        }
        for item in items where Timestamp.now().seconds(since: item.time) > age {
            do {
                try quarantine.forget(item)
                plan.usage?.add(item.source, bytes: -item.usage.bytes, files: -item.usage.files)
                log.notice("removed \(item.relpath), kept aside since \(item.time.wire.prefix(14))", ["source": item.source])
            } catch {
                log.error("\(error)")
            }
        }
    }

    private func removeUnfinished(olderThan age: Double, since looked: Timestamp?) throws {
        let leftovers = Leftovers(lock: plan.lock, age: age)
        let found = try folders(age, since: looked).flatMap { leftovers.find(below: $0) }
        guard !found.isEmpty else { return }
        guard plan.readsSources, let reporter = plan.reporter else {
            for candidate in found { _ = remove(candidate, leftovers) }
            return
        }
        // Connected first: what cannot be reported is not removed.
        let sender = try ConfirmedSender(on: broker, log)
        for candidate in found {
            guard let expired = remove(candidate, leftovers), let post = post(of: expired) else { continue }
            let status = Status(499, words(expired) + ": what there was of the file is removed; post it again")
            for message in reporter.report(status, on: post, seconds: Timestamp.now().seconds(since: expired.announced)) {
                try sender.send(message)
            }
        }
        sender.close()
    }

    /// Where to look. A daily tree gets files of posts of about that day only: what is long past has been looked at.
    private func folders(_ age: Double, since looked: Timestamp?) throws -> [String] {
        guard plan.placement.daily else { return [plan.root] }
        let trees = DailyTrees(root: plan.root)
        let days = Int(clamping: Int64(min(age, 1e12) / 86_400) + 5)
        let first = looked.map { DailyTrees.firstKept(days: days, now: $0) } ?? ""
        return try trees.days().filter { $0 >= first }.map { "\(plan.root)/\($0)" }
    }

    private func remove(_ candidate: Leftovers.Candidate, _ leftovers: Leftovers) -> Leftovers.Expired? {
        let below = candidate.folder.utf8.dropFirst(plan.root.utf8.count).split(separator: UInt8(ascii: "/"))
        let source = plan.placement.daily && below.count > 1 ? String(Substring(below[1])) : nil
        var bytes = DailyTrees.Usage(ofFile: "\(candidate.folder)/\(candidate.name)")
        let isMap = BlockNames.isMap(candidate.name, lock: plan.lock)
        if isMap { bytes = DailyTrees.Usage() }
        let expired = leftovers.remove(candidate, below: plan.root)
        if let expired {
            bytes = DailyTrees.Usage(bytes: expired.size ?? 0, files: 1)
            log.warning(
                "\(plan.root)/\(expired.path): \(words(expired)); what there was of it is removed", ["source": source ?? ""])
        } else if access("\(candidate.folder)/\(candidate.name)", F_OK) != 0, !isMap {
            log.notice("removed \(candidate.folder)/\(candidate.name), which a program that was killed has left behind")
        } else {
            return nil
        }
        if let source { plan.usage?.add(source, bytes: -bytes.bytes, files: -bytes.files) }
        return expired
    }

    private func words(_ file: Leftovers.Expired) -> String {
        let seconds = Int64(min(unfinished ?? 0, 1e12))
        let time = seconds >= 2 * 86_400 ? "\(seconds / 86_400) days" : "\(seconds) s"
        return "\(file.missing) of \(file.blocks) blocks are missing, and none has come for \(time)"
    }

    /// The post that a report names: the file as the switch would have announced it. `nil` when its place names no source.
    private func post(of file: Leftovers.Expired) -> Post? {
        let names = file.path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
        guard names.count > 2 else { return nil }
        var post = Post(
            time: file.announced, location: Location(base: plan.url, relpath: file.path),
            event: .file(file.size.map { Parts.whole(size: $0) }, .none("0")))
        post.source = names[1]
        post.fromCluster = plan.cluster
        post.postedAs = names.dropFirst(2).joined(separator: "/")
        return post
    }
}
