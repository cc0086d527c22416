/// What follows from the syncs of what was written.
extension Pump {
    /// A sync that failed is a fault of one directory, and passes: what it was about is not acknowledged, and is done again.
    func finish(_ done: Syncer.Done, _ session: PumpSession) {
        for why in Set(done.lost.values).sorted() {
            log.error("\(why): the files of this moment are brought again, and their posts are not acknowledged before")
        }
        for why in Set(done.unknown.values).subtracting(unknownRoots).sorted() {
            log.error("\(why): their posts are not acknowledged until that is known")
        }
        if done.unknown.isEmpty, !unknownRoots.isEmpty {
            log.notice("all directories that files were written to are found again")
        }
        unknownRoots = Set(done.unknown.values)
        session.synced(done)
    }
}
