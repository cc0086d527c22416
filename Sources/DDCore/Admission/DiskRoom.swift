/// The room on disk that is reserved for one post while it is carried out. Given back when that has ended: what is stored counts by then.
final class DiskRoom: ReservedRoom {
    private struct State {
        /// Bytes that the file may have.
        var allowed: Int64
        /// What is reserved; `nil`: given back.
        var reserved: DailyTrees.Usage?
    }

    /// Whose room it is.
    let source: String
    /// What is needed when it begins.
    let need: DailyTrees.Usage
    private let allowed: Int64
    private let quota: UserRecord.Quota
    private let usage: DiskUsage
    private let state: Guarded<State>
    /// What turns out to be larger than announced gets room in such steps, as long as there is some.
    private static let step: Int64 = 1 << 20

    /// Reserves `need` for a post that announces `allowed` bytes; `nil` when it does not fit.
    init?(_ source: String, need: DailyTrees.Usage, allowed: Int64, _ quota: UserRecord.Quota, _ usage: DiskUsage) {
        // Without a quota of bytes any number of them is admitted, and their sum means nothing.
        let need = DailyTrees.Usage(bytes: quota.bytes == nil ? 0 : need.bytes, files: need.files)
        guard usage.reserve(source, need, quota) else { return nil }
        (self.source, self.need, self.allowed, self.quota, self.usage) = (source, need, allowed, quota, usage)
        state = Guarded(State(allowed: allowed, reserved: need))
    }

    /// Before another try: reserves again what was given back after the last one. `false` when it does not fit now.
    func hold() -> Bool {
        state.withLock { state in
            if state.reserved != nil { return true }
            guard usage.reserve(source, need, quota) else { return false }
            state = State(allowed: allowed, reserved: need)
            return true
        }
    }

    /// So many bytes have come: what is above those announced needs room as well. Throws when there is none.
    func ensure(_ bytes: Int64) throws(OverQuota) {
        guard let limit = quota.bytes else { return }
        let fits = state.withLock { state in
            guard bytes > state.allowed, let reserved = state.reserved else { return true }
            for extra in [max(Self.step, bytes - state.allowed), bytes - state.allowed] {
                let more = DailyTrees.Usage(bytes: extra)
                guard usage.reserve(source, more, quota) else { continue }
                state.reserved = reserved + more
                state.allowed = (DailyTrees.Usage(bytes: state.allowed) + more).bytes
                return true
            }
            return false
        }
        guard fits else {
            throw OverQuota(
                description: "the file is larger than announced, and than what \(source) may still have of \(limit) bytes")
        }
    }

    func settle(stored: DailyTrees.Usage) { usage.add(source, stored, releasing: takeReserved()) }

    /// Gives it back; again is no error.
    func release() { if let reserved = takeReserved() { usage.release(source, reserved) } }

    private func takeReserved() -> DailyTrees.Usage? {
        state.withLock { state in
            defer { state.reserved = nil }
            return state.reserved
        }
    }
}
