/// What `dd_sara CONFIG status` says of the disk that sources occupy beside their whole files.
public enum OccupiedReport {
    /// One line for each source that has unfinished files or files kept aside: `source alice: 3 unfinished files of 157286400 bytes, …`.
    public static func text(_ options: SaraOptions) -> String {
        guard options.intake.isFromSources, !options.placement.mirror else { return "" }
        var unfinished: [String: DailyTrees.Usage] = [:]
        for file in IncompleteFile.list(below: options.documentRoot, lock: options.placement.lock) where !file.missing.isEmpty {
            let names = file.path.utf8.split(separator: UInt8(ascii: "/"))
            guard names.count > 2 else { continue }
            let source = String(Substring(names[1]))
            unfinished[source] = (unfinished[source] ?? DailyTrees.Usage()) + DailyTrees.Usage(bytes: file.size ?? 0, files: 1)
        }
        do throws(FileError) {
            return text(unfinished, aside: try Quarantine(options.admission.quarantine).usage())
        } catch {
            return text(unfinished, aside: [:]) + "what is kept aside is not known: \(LogLine.plain(error.description))\n"
        }
    }

    static func text(_ unfinished: [String: DailyTrees.Usage], aside: [String: DailyTrees.Usage]) -> String {
        Set(unfinished.keys).union(aside.keys).sorted().map { source in
            let parts = [(unfinished[source], "unfinished"), (aside[source], "kept aside")].compactMap { usage, what in
                usage.map { "\($0.files) \(what), \($0.bytes) bytes" }
            }
            return "source \(LogLine.plain(source)): \(parts.joined(separator: "; "))\n"
        }.joined()
    }
}
