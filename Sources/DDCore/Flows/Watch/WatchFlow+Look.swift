import Glibc

/// Looking at names, folders and trees, and what follows from what is seen.
extension WatchFlow {
    func look(at item: DirtyPaths.Item) throws {
        switch item {
        case .name(let folder, let name): try look(at: name, in: folder)
        case .tree(let path, let isFresh): try look(atTree: path, isFresh: isFresh)
        case .all: try lookAtAll()
        }
    }

    func lookAtAll() throws {
        for path in options.paths where !isOver {
            var info = stat()
            guard lstat(path, &info) == 0 else {
                try hold(path, "it is not there")
                continue
            }
            // That it goes, or is put in the place of another, is told by the folder above.
            try enter(Path.folder(of: path))
            if info.st_mode & S_IFMT == S_IFDIR || info.st_mode & S_IFMT == S_IFLNK && isFolder(path) {
                try look(atTree: path, isFresh: false)
            } else {
                let (folder, name) = Self.split(path)
                try look(at: name, in: folder)
            }
        }
        try touch()
    }

    private func isFolder(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    /// A tree that is not there may be back: nothing of it is announced as removed.
    private func hold(_ path: String, _ why: String) throws {
        guard held.insert(path).inserted else { return }
        log.error("\(path): \(why); nothing of it is announced as removed, it is looked for every \(Int(Self.remoteInterval)) s")
    }

    static func split(_ path: String) -> (folder: String, name: String) { InotifySource.split(path) }

    /// Whether a path is among what is watched.
    private func isWatched(_ path: String) -> Bool {
        options.paths.contains { $0 == path || path.utf8.starts(with: ($0 == "/" ? "/" : $0 + "/").utf8) }
    }

    private func enter(_ folder: String) throws {
        var info = stat()
        guard stat(folder, &info) == 0 else { return }
        do throws(FileError) { try source.enter(folder, info) } catch {
            // Gone meanwhile: the folder above tells of it.
            guard error.errno != ENOENT, fallback == nil else { return }
            fallback = Self.remoteInterval
            let hint =
                error.description == FileError.noWatchLeft.description ? " (fs.inotify.max_user_watches; see sysctl(8))" : ""
            log.warning("\(error)\(hint): everything is looked at every \(Int(Self.remoteInterval)) s as well")
        }
    }

    /// A name of which something was told.
    private func look(at name: String, in folder: String) throws {
        let path = "\(folder)/\(name)"
        guard isWatched(path) else { return }
        // The whole tree has gone or come back.
        if options.paths.contains(path), isFolder(path) || latestKind(folder, name) == .folder { return try lookAtAll() }
        var info = stat()
        guard lstat(path, &info) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { return log.error("\(FileError("cannot look at \(path)"))") }
            guard let known = try known(folder, name) else { return }
            return try gone(folder, name, known)
        }
        guard let entry = WatchRecord.Entry(info) else { return }
        try found(folder, name, entry, info, try known(folder, name), isFresh: false)
        if entry.kind == .folder { try look(atTree: path, isFresh: true) }
    }

    private func latestKind(_ folder: String, _ name: String) -> WatchRecord.Entry.Kind? {
        (try? known(folder, name))?.kind
    }

    /// Everything at and below a folder. What cannot be read is left as it was known.
    func look(atTree root: String, isFresh: Bool) throws {
        var folders = [root]
        while let folder = folders.popLast(), !isOver {
            try enter(folder)
            looks += 1
            if looks % 64 == 0 { try touch() }
            var names: [String] = []
            do throws(FileError) { names = try self.names(in: folder) } catch {
                if error.errno == ENOENT || error.errno == ENOTDIR {
                    if options.paths.contains(folder) { try hold(folder, "it is not there") }
                } else {
                    log.error("\(error): what is in it is not looked at")
                }
                continue
            }
            var known = try record.names(in: folder)
            if names.isEmpty, !known.isEmpty, try isUnmounted(folder) { continue }
            if held.remove(folder) != nil { log.notice("\(folder) is there again") }
            for name in names where !isOver {
                var info = stat()
                guard lstat("\(folder)/\(name)", &info) == 0, let entry = WatchRecord.Entry(info) else { continue }
                let former = known.removeValue(forKey: name)
                try found(folder, name, entry, info, underWay(folder, name) ?? former, isFresh: isFresh)
                if entry.kind == .folder { folders.append("\(folder)/\(name)") }
            }
            for (name, entry) in known where !isOver {
                // One that has appeared since the names were read is told of.
                var info = stat()
                guard lstat("\(folder)/\(name)", &info) != 0, errno == ENOENT, case let now? = underWay(folder, name) ?? entry
                else {
                    continue
                }
                try gone(folder, name, now)
            }
        }
        if options.paths.contains(root), !isOver { try rememberMount(root) }
    }

    /// The names in a folder that can be announced and are not to be passed over.
    private func names(in folder: String) throws(FileError) -> [String] {
        let reader = try DirectoryReader(at: folder)
        var names: [String] = []
        while let bytes = try reader.next() {
            guard let name = FileWalker.announceable(bytes) else {
                let shown = String(decoding: bytes, as: UTF8.self)
                log.error(
                    "\(folder): a name cannot be announced, it has control characters or is not UTF-8: \(LogLine.plain(shown))")
                continue
            }
            if !Self.isIgnored(name, options.ignored) { names.append(name) }
        }
        return names
    }

    /// Whether a folder is empty because something else, or nothing, is mounted there.
    private func isUnmounted(_ folder: String) throws -> Bool {
        var info = stat()
        let (upper, name) = Self.split(folder)
        guard stat(folder, &info) == 0, let known = try record.find(upper, name) else { return false }
        guard known.size != Int64(bitPattern: UInt64(info.st_dev)) else { return false }
        try hold(folder, "it is empty, and on another file system than before")
        return true
    }

    private func rememberMount(_ root: String) throws {
        var info = stat()
        let (folder, name) = Self.split(root)
        guard stat(root, &info) == 0, let entry = WatchRecord.Entry(info), try record.find(folder, name) != entry else { return }
        try record.set(folder, name, entry)
    }

    /// A name is there: it is announced when it is not as it is known.
    private func found(
        _ folder: String, _ name: String, _ entry: WatchRecord.Entry, _ info: stat, _ known: WatchRecord.Entry?, isFresh: Bool
    ) throws {
        let path = "\(folder)/\(name)"
        if let known, known.kind != entry.kind, (known.kind == .folder) != (entry.kind == .folder) {
            try gone(folder, name, known)
        }
        switch entry.kind {
        case .folder:
            guard known?.kind != .folder else { return }
            guard isAnnounced, options.events.contains(.directory) else { return try record.set(folder, name, entry) }
            try announce(folder, name, entry) { each in _ = try each(maker.post(ofDirectory: path, info)) }
        case .file, .link:
            guard known != entry else { return }
            guard isAnnounced, options.events.contains(entry.kind == .file ? .file : .link) else {
                return try record.set(folder, name, entry)
            }
            // It may still be written; that it is closed is told, and where that is not, it is looked at in a moment.
            let age = Double(Timestamp.now().seconds) - Double(info.st_mtim.tv_sec)
            if isFresh, entry.kind == .file, age < 2, isYoung(info) {
                return dirty.put(.name(folder: folder, name: name), at: Monotonic.now() + Self.young, isAtMost: true)
            }
            let former = dirty.formerName(of: path).flatMap { isWatched($0) ? maker.relpath(of: $0) : nil }
            try announce(folder, name, entry) { each in
                try maker.posts(ofEntry: path, info) { post in
                    var post = post
                    post.oldname = former
                    return try each(post)
                }
            }
        }
    }

    /// What is there at the first start is announced only when that is asked for.
    private var isAnnounced: Bool { record.isComplete || options.existing }

    private func isYoung(_ info: stat) -> Bool {
        let now = Timestamp.now()
        let age =
            Double(now.seconds - Int64(info.st_mtim.tv_sec)) + Double(Int64(now.nanoseconds) - Int64(info.st_mtim.tv_nsec)) / 1e9
        return age < Self.young
    }

    /// A name is there no more, with all that was known below it.
    private func gone(_ folder: String, _ name: String, _ entry: WatchRecord.Entry) throws {
        let path = "\(folder)/\(name)"
        if entry.kind == .folder {
            // What was announced of it a moment ago is not in the record yet, and nobody tells of it by itself.
            try finish()
            for below in try record.folders(below: path).sorted(by: { $0.utf8.count > $1.utf8.count }) where !isOver {
                for (inner, known) in try record.names(in: below) where !isOver {
                    try announceRemoval(below, inner, known)
                }
            }
        }
        try announceRemoval(folder, name, entry)
    }

    private func announceRemoval(_ folder: String, _ name: String, _ entry: WatchRecord.Entry) throws {
        guard options.events.contains(.remove) else { return try record.set(folder, name, nil) }
        if entry.kind == .folder, !options.events.contains(.directory) { return try record.set(folder, name, nil) }
        let path = "\(folder)/\(name)"
        let newName = dirty.newName(of: path).flatMap { isWatched($0) ? maker.relpath(of: $0) : nil }
        try announce(folder, name, nil) { each in
            var post = entry.kind == .folder ? maker.post(ofRemovedDirectory: path) : maker.post(ofRemoved: path)
            post.newname = newName
            _ = try each(post)
        }
    }
}
