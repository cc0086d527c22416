import CLinux
import Glibc

/// A file that is followed while it is written.
private final class FollowedFile {
    let path: String
    /// Open for reading, so that the file that is followed stays known.
    let file: Int32
    /// The number of its events; `nil`: it is looked at from time to time.
    let watch: Int32?
    var growing: GrowingFile
    /// What the blocks of its current posting have in common.
    var post: Post?

    init(_ path: String, file: Int32, watch: Int32?, _ growing: GrowingFile) {
        self.path = path
        self.file = file
        self.watch = watch
        self.growing = growing
    }

    deinit { close(file) }

    /// Looks at the file once more.
    func look() {
        guard let state = try? FileState(of: file, at: path) else { return }
        growing.look(state, at: Monotonic.now())
    }
}

extension PostFlow {
    /// How often files without events are looked at, in seconds, when nobody said.
    private static let pollingInterval: Double = 5
    /// Changes that come faster than this, in seconds, are looked at together.
    private static let breath: Double = 0.02

    /// Posts files while they are written: each block when it is complete, everything when the file is finished.
    func follow(_ paths: [String], _ options: PostOptions.Growing) throws {
        let watch = try FileWatch()
        var files: [FollowedFile] = []
        for path in paths where try isPostable(path) {
            try attempt { files.append(try begin(path, options, watch)) }
        }
        while !files.isEmpty {
            var wake = Double.infinity
            for index in files.indices.reversed() {
                var end: Double?
                do {
                    end = try advance(&files[index], options, watch)
                } catch let error as FileError {
                    fail(error.description)
                } catch let error as MessageError {
                    fail(error.text)
                }
                guard !isDone else { return }
                if let end {
                    let isWatched = files[index].watch != nil
                    wake = min(wake, end, isWatched ? .infinity : Monotonic.now() + Self.interval(options))
                } else {
                    if let number = files.remove(at: index).watch { watch.remove(number) }
                }
            }
            guard !files.isEmpty, try rest(-1, until: Monotonic.now() + Self.breath) else { return }
            guard try rest(watch.descriptor, until: wake) else { return }
            let events = watch.events()
            // What they tell of is seen first, so that nothing looks as if it had happened after a file was closed.
            for file in files { file.look() }
            for (number, event) in events {
                for file in files where file.watch == number || event == .lost { notice(event, file) }
            }
        }
    }

    private func begin(_ path: String, _ options: PostOptions.Growing, _ watch: FileWatch) throws -> FollowedFile {
        let file = dd_openat(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0)
        guard file >= 0 else { throw FileError("cannot open \(path)") }
        var info = stat()
        guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            close(file)
            throw FileError(.notAllowed, "\(path) is no regular file: only such can be followed with growing")
        }
        let isWatched = options.polling == nil && FileWatch.sees(path)
        let growing = GrowingFile(
            blockSize: options.blockSize, settle: options.settle.inSeconds, idle: options.idle.inSeconds, FileState(info),
            at: Monotonic.now())
        let followed = FollowedFile(path, file: file, watch: isWatched ? try? watch.add(path) : nil, growing)
        if Writers.write(to: file) == false { followed.growing.closed(at: Monotonic.now()) }
        return followed
    }

    /// Does what is to be done about a file now. Returns when to look again, or `nil` when it is finished.
    private func advance(_ file: inout FollowedFile, _ options: PostOptions.Growing, _ watch: FileWatch) throws -> Double? {
        while !isDone {
            var info = stat()
            guard lstat(file.path, &info) == 0 else {
                throw FileError("\(file.path) was removed or renamed before it was finished")
            }
            var own = stat()
            guard fstat(file.file, &own) == 0 else { throw FileError("cannot look at \(file.path)") }
            if own.st_ino != info.st_ino || own.st_dev != info.st_dev {
                if let number = file.watch { watch.remove(number) }
                file = try begin(file.path, options, watch)
                continue
            }
            file.look()
            if file.watch == nil {
                switch Writers.write(to: file.file) {
                case false: file.growing.closed(at: Monotonic.now())
                case true: file.growing.opened()
                case nil: break
                }
            }
            switch file.growing.step(at: Monotonic.now()) {
            case .announce(let blocks, let count, let isFirst):
                if isFirst { file.post = nil }
                let post = file.post ?? maker.post(ofGrowing: file.path, info)
                file.post = post
                do {
                    try maker.posts(
                        ofBlocks: blocks, count: count, size: options.blockSize, file.path, FileState(info), as: post
                    ) { post in
                        try announce(post)
                        return !isDone
                    }
                } catch let error as FileError where error.code == .busy {
                    file.growing.restart()
                }
            case .finish:
                if Writers.write(to: file.file) == true, file.growing.isClosed {
                    file.growing.opened()
                    continue
                }
                do {
                    try maker.posts(ofEntry: file.path, info) { post in
                        try announce(post)
                        return !isDone
                    }
                    return nil
                } catch let error as FileError where error.code == .busy {
                    file.growing.changed(at: Monotonic.now())
                }
            case .wait(let end):
                return end
            }
        }
        return nil
    }

    private func notice(_ event: FileWatch.Event, _ file: FollowedFile) {
        let now = Monotonic.now()
        switch event {
        case .changed: file.growing.changed(at: now)
        case .moved: break
        case .closed where Writers.write(to: file.file) != true: file.growing.closed(at: now)
        case .lost where Writers.write(to: file.file) == false: file.growing.closed(at: now)
        case .closed, .lost: file.growing.opened()
        }
    }

    private static func interval(_ options: PostOptions.Growing) -> Double {
        options.polling?.inSeconds ?? pollingInterval
    }
}
