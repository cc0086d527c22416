import Glibc

/// What was found is announced, and remembered when it is confirmed.
extension WatchFlow {
    /// What is known of a name, also of one whose posts are on their way.
    func known(_ folder: String, _ name: String) throws -> WatchRecord.Entry? {
        try underWay(folder, name) ?? record.find(folder, name)
    }

    /// What the posts say that are on their way: nothing (the outer `nil`), or that nothing of this name is there (the inner one).
    func underWay(_ folder: String, _ name: String) -> WatchRecord.Entry?? {
        guard let tag = latest["\(folder)/\(name)"], let pending = pending[tag] else { return .none }
        return .some(pending.entry)
    }

    /// Waits until all that was announced is confirmed.
    func finish() throws { try announcer?.finish() }

    /// Announces what a name stands for now: the posts that `make` gives to its argument. `entry` is remembered when they are confirmed; without
    /// a post at once.
    func announce(
        _ folder: String, _ name: String, _ entry: WatchRecord.Entry?, _ make: (_ each: (Post) throws -> Bool) throws -> Void
    ) throws {
        lastTag += 1
        let (tag, path) = (lastTag, "\(folder)/\(name)")
        pending[tag] = Pending(folder: folder, name: name, entry: entry)
        latest[path] = tag
        do {
            try make { post in
                guard case .accept = selection.decide(post.location.url, log, aloud: options.common.logReject) else {
                    return !isOver
                }
                var item = try Announcer.Item(
                    post, topicPrefix: options.announcement.topicPrefix, signingKey: signingKey)
                item.tag = tag
                pending[tag]?.open += 1
                tally.received += 1
                try announcer?.announce(item)
                return !isOver
            }
        } catch let error as FileError {
            pending[tag]?.hasFailed = true
            fail(error, folder, name)
        } catch let error as MessageError {
            pending[tag]?.hasFailed = true
            tally.failed += 1
            log.error("\(path): \(error.text)")
        }
        pending[tag]?.isWhole = !isOver
        try close(tag)
    }

    /// What cannot be read now may be later; what has gone is looked at once more.
    private func fail(_ error: FileError, _ folder: String, _ name: String) {
        if error.errno == ENOENT { return dirty.put(.name(folder: folder, name: name), at: Monotonic.now()) }
        if error.code == .busy { return dirty.put(.name(folder: folder, name: name), at: Monotonic.now() + 1) }
        tally.failed += 1
        log.error("\(error); looked at again in \(Int(Self.again)) s")
        dirty.put(.name(folder: folder, name: name), at: Monotonic.now() + Self.again)
    }

    /// Remembers a name whose posts are all confirmed.
    private func close(_ tag: Int) throws {
        guard let done = pending[tag], done.open == 0, done.isWhole || done.hasFailed else { return }
        pending[tag] = nil
        let path = "\(done.folder)/\(done.name)"
        if latest[path] == tag { latest[path] = nil }
        if !done.hasFailed { try record.set(done.folder, done.name, done.entry) }
    }
}

extension WatchFlow: AnnouncerOwner, PostMakerOwner {
    func settle(_ item: Announcer.Item, _ fate: Announcer.Fate) {
        if let fault = item.fault(fate, on: options.exchange) {
            pending[item.tag]?.hasFailed = true
            tally.failed += 1
            log.error(fault)
            if let pending = pending[item.tag] {
                dirty.put(.name(folder: pending.folder, name: pending.name), at: Monotonic.now() + Self.again)
            }
        } else {
            say(.connected)
            tally.done += 1
            if tells != nil {
                desk.last = (item.line.split(separator: "\t").first.map(String.init) ?? "", Timestamp.now().seconds)
            }
            output.write(item.line)
        }
        pending[item.tag]?.open -= 1
        do { try close(item.tag) } catch { log.error("\(error): it is announced again at the next start") }
    }

    func brokerIsAway() {
        output.flush()
        say(.notConnected)
    }

    func leave(open: Int) -> StopSignal.Leave {
        let program = options.common.program
        return { _ in (0, "\(program): stopped; what was not announced is at the next start") }
    }

    func serve(_ descriptor: Int32?) throws -> Bool {
        if let descriptor { Readiness.wait(for: descriptor, announcer?.descriptor ?? -1, stop.descriptor, seconds: nil) }
        try announcer?.touch()
        return !isOver
    }
}
