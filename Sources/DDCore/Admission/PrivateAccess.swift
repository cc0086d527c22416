import Glibc

/// Who may fetch private data from this switch's web server: its consumers that are named, and the links that carry it on.
///
/// For each group there is a file in `folder`, called like the group's folder in the tree (`PrivatePlace`), which the web server reads anew for
/// each request: lines `account:hash` for nginx (`auth_basic_user_file`), and a first line with the accounts between slashes, which are in no name,
/// for Apache, whose accounts with their hashes are all in `.users` (`AuthUserFile`). A group's file is there before its first data is, and
/// without it the web server lets nobody in. Several processes may write the same files: each writes the same.
///
/// A group is one cluster's, where its data was posted. What another cluster's posts say of it is not followed: a link could otherwise let somebody
/// at the data of this switch's own sources, whose groups' names can be computed.
public final class PrivateAccess: Sendable {
    private struct State {
        var accounts = ControlRecords<UserRecord>()
        /// What was written into the files of groups, of `mostKnown` at most: then it is found out again by reading.
        var written: [String: String] = [:]
    }

    /// The folder; absolute.
    let folder: String
    /// What sources of this switch have given to whom.
    let trees: PrivateTrees
    private let cluster: String
    private let state = Guarded(State())
    private let log: Log

    /// Accounts of the switch called `cluster` are kept in files in `folder`, which is made when it is not there.
    public init(_ folder: String, cluster: String, log: Log) {
        (self.folder, self.cluster, self.log) = (folder, cluster, log)
        trees = PrivateTrees(folder + "/.trees")
    }

    /// The control stream is read from its first message on: what is known holds until `endReading`.
    func beginReading() { state.withLock { $0.accounts.beginReading() } }

    /// The control stream has been read to its end.
    func endReading() {
        _ = state.withLock { $0.accounts.endReading() }
        renew { _ in true }
        writeUsers()
    }

    /// Takes the administrator's word about an account. Files in which it stands are written anew.
    func apply(_ record: UserRecord) {
        let isNews = state.withLock { state in
            let version = state.accounts.version
            let known = state.accounts.known[record.name]
            state.accounts.set(record.name, record)
            return state.accounts.version != version
                && (known.map(Self.line) != Self.line(record) || known?.removed != record.removed)
        }
        guard isNews else { return }
        renew { $0.contains(record.name) }
        writeUsers()
    }

    /// All accounts that are let in somewhere, for Apache.
    private func writeUsers() {
        let result = state.withLock { state in
            let lines = state.accounts.known.values.map(Self.line).filter { !$0.hasPrefix("#") }.sorted()
            return put(lines.map { $0 + "\n" }.joined(), to: "\(folder)/.users")
        }
        if case .failure(let error) = result { log.error("accounts of private data are not as they should be: \(error)") }
    }

    /// Why `user` of this switch cannot have private data, or `nil`.
    func fault(of user: String) -> String? {
        guard let record = state.withLock({ $0.accounts.known[user] }), record.removed == nil, record.role != .link else {
            return "\(user) is no user here"
        }
        guard record.web != nil else {
            return "\(user) has no account at the web server here (dd_switch user passwd \(user), or dd_switch passwd, makes one)"
        }
        return record.stopped == nil ? nil : "\(user) is stopped here"
    }

    /// Lets `members`, accounts of this switch, fetch what is of `group`, and nobody else. The group is that of the cluster `owner`. Throws
    /// `FileError.notAllowed` when it is another's already; this switch's own sources take theirs in any case.
    func admit(_ members: [String], to group: String, of owner: String) throws {
        let members = Set(members).sorted()
        let result: Result<Void, any Error> = state.withLock { state in
            let text = Self.text(members, of: owner, state.accounts.known)
            let path = "\(folder)/\(group)"
            if state.written[group] == text, access(path, F_OK) == 0 { return .success(()) }
            if owner != cluster {
                switch Result(catching: { try Self.head(of: path) }) {
                case .failure(let error): return .failure(error)
                case .success(let head):
                    if let head, head.owner != owner {
                        return .failure(FileError(.notAllowed, "the group \(group) of private data is not one of \(owner)"))
                    }
                }
            }
            // Under the lock, or what was true before a change of an account could be written after it.
            if state.written.count >= Self.mostKnown { state.written.removeAll() }
            return put(text, to: path).map { state.written[group] = text }.mapError { $0 }
        }
        try result.get()
    }

    /// Replaces a file. Another process may be about to do the same, under the same temporary name.
    private func put(_ text: String, to path: String) -> Result<Void, ProcessError> {
        var tries = 5
        while true {
            do throws(ProcessError) {
                if SmallFile.text(path) == text { return .success(()) }
                try SmallFile.makeFolder(folder, mode: 0o750)
                try SmallFile.write(text, to: path, mode: 0o640)
                return .success(())
            } catch {
                tries -= 1
                guard tries > 0, error.number == ENOENT || error.number == EEXIST else { return .failure(error) }
                usleep(UInt32.random(in: 1_000...20_000))
            }
        }
    }

    private static let mark = "# dd private of "
    private static let mostKnown = 10_000

    private static func text(_ members: [String], of owner: String, _ accounts: [String: UserRecord]) -> String {
        let lines = members.map { accounts[$0].map(line) ?? "# \($0) is no user" }
        return (["\(mark)\(owner): /\(members.map { $0 + "/" }.joined())"] + lines).joined(separator: "\n") + "\n"
    }

    /// Whose group it is, and who its members are, as the file at `path` says; `nil` when there is no file. A file that says nothing of it is an
    /// error: somebody else's group could be taken otherwise.
    private static func head(of path: String) throws -> (owner: String, members: [String])? {
        guard let bytes = try SmallFile.contents(path) else { return nil }
        let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        guard let head = head(line) else {
            throw FileError(
                .system, "the first line of \(path) does not say whose group it is: remove the file, it is written anew")
        }
        return head
    }

    private static func head(_ line: String) -> (owner: String, members: [String])? {
        guard line.hasPrefix(mark) else { return nil }
        let parts = line.dropFirst(mark.count).split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[1].hasPrefix(" /") else { return nil }
        return (String(parts[0]), parts[1].dropFirst(2).split(separator: "/").map(String.init))
    }

    private static func line(_ record: UserRecord) -> String {
        guard record.removed == nil, record.stopped == nil else { return "# \(record.name) is not let in" }
        return record.web.map { "\(record.name):\($0)" } ?? "# \(record.name) has no account at the web server"
    }

    /// Writes the files anew whose members `concerns` picks. What cannot be read or written is said: somebody may be let in who is not to be.
    private func renew(_ concerns: ([String]) -> Bool) {
        do {
            guard SmallFile.isFolder(folder) else { return }
            let reader = try DirectoryReader(at: folder)
            while let group = try reader.nextText() {
                guard PrivatePlace.isGroup(group) else { continue }
                do {
                    guard let (owner, members) = try Self.head(of: "\(folder)/\(group)") else { continue }
                    // Who gets the name of somebody who was removed is not let in for that.
                    let present = members.filter { name in state.withLock { $0.accounts.known[name]?.removed == nil } }
                    if concerns(members) { try admit(present, to: group, of: owner) }
                } catch {
                    // One file that cannot be read is no reason to leave the others as they were.
                    log.error("accounts of private data are not as they should be: \(error)")
                }
            }
        } catch {
            log.error("accounts of private data are not as they should be: \(error)")
        }
    }
}
