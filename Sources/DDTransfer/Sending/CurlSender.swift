import DDCore
import Glibc

/// Puts files over sftp, ftp, ftps and WebDAV (RFC 4918) with libcurl.
final class CurlSender: Sender {
    /// `nil` when libcurl could not start, which each call then says.
    private let handle: CurlHandle?
    private let destination: String
    private let logins: Logins
    private let proxies: ProxyChoice
    private let knownHosts: String
    private let watch: SpeedWatch

    init(_ destination: String, _ options: TransferOptions) {
        self.destination = destination
        handle = CurlHandle(options)
        logins = Logins(options.credentials)
        proxies = options.proxies
        knownHosts = options.knownHosts
        watch = SpeedWatch(limit: options.lowSpeedLimit, span: options.lowSpeedTime)
    }

    // MARK: - What is done

    func send(_ file: OutgoingFile) throws -> Bool {
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw TransferError(.temporary, "cannot open \(file.path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw TransferError(.temporary, "cannot look at \(file.path)") }
        let lockPlace = try place(file.place.directories, file.lockName)
        let url = try url(lockPlace.relpath)
        let speech = Speech(url)
        // Smaller files are sent anew as quickly as what was begun of them is noted safely.
        let note = info.st_size >= Self.resumable && speech != .web ? Self.note(info, url) : nil
        let upload = Upload(
            descriptor, size: Int64(info.st_size), goesOn: note.map { SmallFile.text(file.note) == $0 } ?? false)
        if let note, !upload.goesOn { try? SmallFile.write(note, to: file.note, mode: 0o600) }
        do {
            switch speech {
            case .web: try put(file, lockPlace, CurlChange(file: upload))
            case .ftp: try store(file, url, upload)
            case .shell: try copy(file, lockPlace, url, upload)
            }
        } catch {
            // What the server answers to going on may be that it does not do so: the next time all is sent.
            if upload.goesOn, (error as? TransferError)?.code != .unreachable { unlink(file.note) }
            throw error
        }
        if note != nil { unlink(file.note) }
        return upload.goesOn
    }

    /// Files of fewer bytes are sent anew after an interruption.
    private static let resumable: Int = 16 << 20

    /// Which bytes are sent, and where to.
    private static func note(_ info: stat, _ url: String) -> String {
        let time = info.st_mtim
        return "\(info.st_dev) \(info.st_ino) \(info.st_size) \(time.tv_sec).\(time.tv_nsec) \(url)"
    }

    private func store(_ file: OutgoingFile, _ url: String, _ upload: Upload) throws {
        // The connection is in the file's folder then.
        var facts: [String] = []
        if let time = file.modified { facts.append("*MFMT \(time.wire.prefix(14)) \(file.lockName)") }
        if let mode = file.mode { facts.append("*SITE CHMOD \(String(mode & 0o777, radix: 8)) \(file.lockName)") }
        let renaming = ["RNFR \(file.lockName)", "RNTO \(file.place.name)"]
        do { try run(url, CurlChange(file: upload, commands: facts + renaming)) } catch let error as TransferError
            where error.code == .temporary
        {
            // Some servers write and rename over nothing that is there. It is removed only then, so that a new file is never absent. What was
            // begun is not removed: the next attempt goes on with it.
            guard !upload.goesOn, upload.count == 0 || upload.count == upload.size, let again = upload.again() else {
                throw error
            }
            try run(
                url,
                CurlChange(
                    file: again, before: ["*DELE \(file.lockName)"], commands: facts + ["*DELE \(file.place.name)"] + renaming))
        }
    }

    private func copy(_ file: OutgoingFile, _ lockPlace: Place, _ url: String, _ upload: Upload) throws {
        let (lock, final) = (try shellName(lockPlace.relpath), try shellName(file.place.relpath))
        var change = CurlChange(file: upload)
        if let time = file.modified { change.commands.append("*mtime \"\(Self.date(time))\" \(lock)") }
        if let mode = file.mode { change.commands.append("*chmod \(String(mode & 0o777, radix: 8)) \(lock)") }
        try run(url, change)
        // Servers refuse to rename over what is there. It is removed only then, so that a new file is never absent.
        do { try command(["rename \(lock) \(final)"]) } catch let error as TransferError where error.code == .temporary {
            try command(["*rm \(final)", "rename \(lock) \(final)"])
        }
    }

    func remove(_ place: Place, isFolder: Bool) throws {
        let url = try url(place.relpath)
        switch Speech(url) {
        case .web: try web("DELETE", url + (isFolder ? "/" : ""), absent: true)
        case .ftp:
            do {
                try run(
                    try self.url(place.directories.map { $0 + "/" }.joined()),
                    CurlChange(commands: ["\(isFolder ? "RMD" : "DELE") \(place.name)"]), isFolder: true)
            } catch Fault.notThere {}
        case .shell:
            // A star: what is not there cannot be told from what is refused, so it is looked for afterwards.
            let name = try shellName(place.relpath)
            try command(["*\(isFolder ? "rmdir" : "rm") \(name)"])
            let isGone = (try? command(["ln \"\(UInt64.random(in: .min ... .max))\" \(name)", "rm \(name)"])) != nil
            if !isGone { throw TransferError(.temporary, "\(url) cannot be removed: it is refused, or not empty") }
        }
    }

    func makeFolder(_ place: Place) throws {
        let names = place.directories + [place.name]
        let url = try url("")
        switch Speech(url) {
        case .web: try makeFolders(names)
        case .ftp:
            let steps = (1...names.count).map { "*MKD \(names.prefix($0).joined(separator: "/"))" }
            try run(url, CurlChange(commands: steps), isFolder: true)
        case .shell:
            try command(try (1...names.count).map { "*mkdir \(try shellName(names.prefix($0).joined(separator: "/")))" })
        }
    }

    func link(_ place: Place, to target: String) throws {
        guard case .shell = Speech(destination) else {
            throw TransferError(.unsupported, "\(try url(place.relpath)) is a link, which cannot be made over this protocol")
        }
        if !place.directories.isEmpty {
            try makeFolder(try self.place(place.directories.dropLast(), place.directories[place.directories.count - 1]))
        }
        let name = try shellName(place.relpath)
        try command(["*rm \(name)", "symlink \(Self.quoted(target)) \(name)"])
    }

    // MARK: - WebDAV

    private func put(_ file: OutgoingFile, _ lock: Place, _ change: CurlChange) throws {
        let url = try url(lock.relpath)
        do { try run(url, change) } catch Fault.notThere {
            // 409, or 404: a folder is missing.
            try makeFolders(file.place.directories)
            guard let again = change.file?.again() else {
                throw TransferError(.temporary, "cannot begin again with \(url)")
            }
            do { try run(url, CurlChange(file: again)) } catch Fault.notThere {
                throw TransferError(.temporary, "the server of \(url) does not take files there (is it WebDAV?)")
            }
        }
        try web("MOVE", url, ["Destination: \(try self.url(file.place.relpath))", "Overwrite: T"])
    }

    private func makeFolders(_ names: [String]) throws {
        guard !names.isEmpty else { return }
        for count in 1...names.count {
            // 405: it is there.
            try web("MKCOL", try url(names.prefix(count).joined(separator: "/") + "/"), present: true)
        }
    }

    private func web(_ method: String, _ url: String, _ headers: [String] = [], absent: Bool = false, present: Bool = false)
        throws
    {
        do { try run(url, CurlChange(method: method, headers: headers)) } catch Fault.notThere where absent {
        } catch Fault.isThere where present {
        } catch is Fault { throw TransferError(.temporary, "the server of \(url) refuses \(method)") }
    }

    // MARK: - Requests

    /// What is no failure for whoever asks.
    private enum Fault: Error {
        case notThere
        case isThere
    }

    private enum Speech {
        case web, ftp, shell

        init(_ url: String) {
            let scheme = url.prefix { $0 != ":" }.lowercased()
            self = scheme == "sftp" ? .shell : scheme.hasPrefix("http") ? .web : .ftp
        }
    }

    private func place(_ directories: some Collection<String>, _ name: String) throws -> Place {
        do throws(FileError) { return try Place((Array(directories) + [name]).joined(separator: "/")) } catch {
            throw TransferError(.notAllowed, error.description)
        }
    }

    /// Percent-encoded.
    private func url(_ relpath: String) throws -> String { Location(base: destination, relpath: relpath).encodedURL }

    /// A path as sftp's commands take it: absolute, or below the login's folder.
    private func shellName(_ relpath: String) throws -> String {
        let path = Location(base: destination, relpath: relpath).url.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" }
        return Self.quoted(path.hasPrefix("//") ? String(path.dropFirst()) : String(path.drop { $0 == "/" }))
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// `20260102 03:04:05 GMT`, as libcurl reads it.
    private static func date(_ time: Timestamp) -> String {
        let digits = time.wire.prefix(14)
        func part(_ start: Int, _ count: Int) -> Substring { digits.dropFirst(start).prefix(count) }
        return "\(part(0, 8)) \(part(8, 2)):\(part(10, 2)):\(part(12, 2)) GMT"
    }

    /// Commands of sftp alone.
    private func command(_ lines: [String]) throws { try run(try url(""), CurlChange(commands: lines), isFolder: true) }

    private func run(_ text: String, _ change: CurlChange, isFolder: Bool = false) throws {
        guard let handle else { throw TransferError(.temporary, "cannot start libcurl") }
        let url = try FetchURL.parts(text)
        let entry = logins.entry(for: url)
        let startsTLS = FetchURL.startsTLS(url, entry?.options)
        let request = CurlRequest(
            url: FetchURL.forCurl(url, startsTLS: startsTLS, isFolder: isFolder), want: isFolder ? .facts : .bytes,
            login: try logins.login(entry, for: url), startsTLS: startsTLS, proxy: proxies.proxy(for: url),
            // Where to is the word of who wrote the configuration.
            allowsLocal: true)
        watch.begin(at: Monotonic.now())
        let answer = handle.perform(request, change, watch: watch)
        let status = answer.head.status
        if Speech(text) == .web, answer.failure == nil {
            switch status {
            case 200..<300: return
            case 404, 409, 410: throw Fault.notThere
            case 405: throw Fault.isThere
            default: throw TransferError(.temporary, "the server of \(text) says \(status)")
            }
        }
        guard let failure = answer.failure else { return }
        let told = Answers(of: url, to: FetchRequest(url: text, expectedSize: nil, policy: FetchPolicy(allowsLocal: true)))
            .error(failure, answer.head, knownHosts)
        if isFolder, Speech(text) == .ftp, status == 550 { throw Fault.notThere }
        let line = told.description.replacing("cannot fetch", with: "cannot send")
        let code: TransferError.Code = [.unreachable, .unsupported].contains(told.code) ? told.code : .temporary
        throw TransferError(code, failure.kind == .other || line.isEmpty ? "cannot send \(text): \(failure.text)" : line)
    }
}
