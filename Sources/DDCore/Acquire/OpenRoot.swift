/// A document root that a worker keeps open while its path may come to mean another directory.
///
/// The path is looked at now and then, not for each file: what goes to the former directory meanwhile is found by the next sync
/// (see `Syncer`), and done again.
final class OpenRoot {
    let root: DocumentRoot
    private let path: RootPath
    private var looked = Monotonic.now()
    /// When it was first seen to be absent, on `Monotonic`.
    private var absent: Double?

    /// Seconds for which one look counts.
    private static let pause = 0.1

    /// A root that was just opened.
    init(_ root: DocumentRoot) {
        self.root = root
        path = RootPath(root.held)
    }

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
        guard isRepeated || absent != nil || now - looked >= Self.pause else { return .same }
        looked = now
        switch root.held.standing {
        case .here:
            absent = nil
            return .same
        case .elsewhere, .removed: break
        case .nowhere(let number):
            let since = absent ?? now
            absent = since
            // It may be on its way back: one that was made in its place would be in the way.
            guard now - since >= Syncer.absence else {
                throw FileError("cannot find the directory \(root.path), which was open", errno: number)
            }
        }
        try path.prepare()
        return .another
    }
}
