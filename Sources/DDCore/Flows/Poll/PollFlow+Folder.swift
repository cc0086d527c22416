/// What a server shows of one folder.
extension PollFlow {
    /// One folder as the server shows it now, and as it was known.
    func list(_ folder: String, _ parent: WalkTrail?) throws -> PolledFolder? {
        var listed: [[UInt8]: ListedEntry] = [:]
        var shown: Set<[UInt8]> = []
        let url = Location(base: options.pollURL, relpath: folder).encodedURL
        say(.looking)
        do {
            // Nothing is open now: a server that does not answer keeps nobody from ending.
            return try stop.whileConnecting(leave: leave(open: 0)) {
                let listing = try lister.list(url, below: parent, log: log, problem: fail) { entry in
                    shown.insert(Array(entry.name.utf8))
                    // What is rejected is not remembered: the rules may change.
                    let isWanted = entry.isFolder || accepts(Location(base: options.url, relpath: folder + entry.name))
                    if isWanted { listed[Array(entry.name.utf8)] = entry }
                }
                guard let listing else { return nil }
                let known = try KnownFolder(url, in: home.path)
                let lost = LostNames(known: known, shown: shown, listing: listing)
                let verdict = lost.verdict { entry in
                    let name = folder + entry.name + (entry.isFolder ? "/" : "")
                    return lister.presence(
                        of: Location(base: options.pollURL, relpath: name).encodedURL, isFolder: entry.isFolder)
                }
                switch verdict {
                case .gone: break
                case .doubtful(let why): fail("\(url): \(why)")
                case .waiting(let why): log.warning("\(url): \(why)")
                }
                var look = PolledFolder(known: known, listed: listed, listing: listing, lost: lost.names, verdict: verdict)
                look.isFTP = url.lowercased().hasPrefix("ftp")
                if options.isExact { ask(folder, &look) }
                return look
            }
        } catch {
            fail("\(error)")
            return nil
        }
    }

    /// Asks for size and time of the files that are to be announced, where the listing rounds them.
    private func ask(_ folder: String, _ look: inout PolledFolder) {
        for (key, entry) in look.listed
        where !entry.isFolder && look.isNew(key, entry) && look.isRough(entry) && !stop.isRequested {
            do {
                look.facts[key] = try lister.facts(of: Location(base: options.pollURL, relpath: folder + entry.name).encodedURL)
            } catch let error as TransferError where error.code == .unreachable {
                return log.warning("\(error): the posts of \(folder) say what the listing says")
            } catch {
                log.debug("\(error)")
            }
        }
    }
}
