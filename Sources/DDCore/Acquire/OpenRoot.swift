/// A document root that a worker keeps open while its path may come to mean another directory.
///
/// The path is looked at now and then, not for each file: what goes to the former directory meanwhile is found by the next sync
/// (see `Syncer`), and done again.
final class OpenRoot {
    let root: DocumentRoot
    private var looked = Monotonic.now()
    /// When it was last looked at it did not lead here.
    private var isDoubtful = false

    /// Seconds for which one look counts.
    private static let pause = 0.1

    /// A root that was just opened.
    init(_ root: DocumentRoot) { self.root = root }

    /// What a look has shown.
    enum Look {
        /// The path leads to the directory that is open.
        case same
        /// It leads to another one, which is to be opened.
        case another
    }

    /// Looks where the path leads; for what is done again always. Throws while nothing may be written there.
    func look(isRepeated: Bool) throws(FileError) -> Look {
        let now = Monotonic.now()
        guard isRepeated || isDoubtful || now - looked >= Self.pause else { return .same }
        looked = now
        isDoubtful = root.held.standing != .here
        guard isDoubtful else {
            KnownRoots.shared.isHere(root.path)
            return .same
        }
        try KnownRoots.shared.prepare(root.path)
        return .another
    }
}
