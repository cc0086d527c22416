import Glibc

/// `dd_seal`: one file after the other; what cannot be done with one is said, and the others go on.
public final class SealFlow {
    private let options: SealOptions
    private let stop: StopSignal
    private var output = OutputLines()
    private var failures = 0

    /// The flow that `options` ask for.
    public init(_ options: SealOptions, stop: StopSignal) { (self.options, self.stop) = (options, stop) }

    /// Does it; the exit status is 1 when something failed.
    public func run() throws -> Int32 {
        switch options.verb {
        case .seal: try seal()
        case .open: try open()
        case .public: for path in options.paths { output.write(try publicHalf(of: path) + "\n") }
        }
        output.flush()
        if let failure = output.failure {
            options.common.log.error("\(failure)")
            return ExitStatus.system
        }
        if let signal = stop.number { return ExitStatus.signal(signal) }
        return failures == 0 ? ExitStatus.done : ExitStatus.failed
    }

    private func fail(_ path: String, _ error: any Error) {
        failures += 1
        options.common.log.error("\(path): \(error)")
    }

    private func seal() throws {
        let known = try SealKeys.readers(options.recipients)
        var readers = known
        if !options.readers.isEmpty {
            readers = [:]
            for name in options.readers {
                guard let key = known[name] else {
                    throw ConfigError(.usage, "to \(name): there is no key of that name in \(options.recipients)")
                }
                readers[name] = key
            }
        }
        let target = options.into ?? options.documentRoot
        try DocumentRoot.makeDirectories(target)
        let sealer = try Sealer(
            source: options.source, secret: SealKeys.signing(options.signingKey), readers: readers, target: target,
            state: "\(options.common.stateHome)/dd_seal")
        let root = options.documentRoot == "/" ? "" : options.documentRoot
        func seal(_ path: String) {
            // What was sealed before may lie below the root, too.
            guard !path.hasSuffix(SealedFile.suffix) else {
                return options.common.log.info("\(path) is passed over: it is sealed")
            }
            do {
                let (place, result) = try sealer.seal(path, as: String(Substring(path.utf8.dropFirst(root.utf8.count + 1))))
                output.write("\(target)/\(place.relpath)\n")
                if result == .unchanged { options.common.log.info("\(path) is sealed already") }
            } catch { fail(path, error) }
        }
        for path in try paths() {
            guard SealOptions.isBelow(path, options.documentRoot) else {
                fail(path, FileError(.notAllowed, "not below document_root \(options.documentRoot)"))
                continue
            }
            FileWalker.walk(path) { found in
                switch found {
                case .entry(let path, let info) where info.st_mode & S_IFMT == S_IFREG: seal(path)
                case .entry(let path, _): fail(path, FileError(.notAllowed, "only files are sealed"))
                case .emptyDirectory: break
                case .problem(let error): fail(path, error)
                }
                return !stop.isRequested
            }
        }
    }

    private func open() throws {
        let unsealer = Unsealer(
            identities: try SealKeys.identities(options.identity), signers: try SealKeys.signers(options.signers))
        if let folder = options.into { try DocumentRoot.makeDirectories(folder) }
        for path in try paths() where !stop.isRequested {
            do {
                let (root, place) = try unsealer.open(path, into: options.into)
                output.write("\(root)/\(place.relpath)\n")
            } catch { fail(path, error) }
        }
    }

    /// The paths that were named, or are on standard input, one on a line.
    private func paths() throws -> [String] {
        guard options.paths == ["-"] else { return options.paths }
        var paths: [String] = []
        while let line = readLine() { if !line.isEmpty { paths.append(Path.absolute(line)) } }
        return paths
    }

    private func publicHalf(of path: String) throws -> String {
        if let identities = try? SealKeys.identities(path) {
            return identities.map { "\($0.recipient)" }.joined(separator: "\n")
        }
        return Base64.text(try Primitives.ed25519Public(of: try SealKeys.signing(path)))
    }
}
