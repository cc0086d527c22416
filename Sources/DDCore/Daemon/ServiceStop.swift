import Glibc

extension ServiceList {
    /// What became of a signal to a configuration's processes.
    public enum Answer: Sendable, Equatable {
        /// All have ended, or have been asked to read their configuration.
        case done
        /// There was nothing to signal.
        case absent
        /// They have not ended yet.
        case late
    }

    /// Asks all of `services` at once to end, and waits until they have, at most `seconds` altogether.
    public func stop(_ services: [Service], seconds: Double) -> [Answer] {
        let holders = services.map { PidFile.holder(of: files(of: $0).keeper)?.process }
        for holder in holders { _ = holder?.send(SIGTERM) }
        let end = Monotonic.now() + seconds
        return holders.map { holder in
            guard let holder else { return .absent }
            return holder.waitForEnd(seconds: max(0, end - Monotonic.now())) ? .done : .late
        }
    }

    /// Asks all of `services` to read their configurations again.
    public func reload(_ services: [Service]) -> [Answer] {
        services.map { service in
            guard let (process, _) = PidFile.holder(of: files(of: service).keeper), process.send(SIGHUP) else { return .absent }
            return .done
        }
    }
}
