import Glibc

/// The word under which a program keeps what belongs to one configuration: its queue's name, its process numbers, its logs, what it has seen.
///
/// A configuration in one of the ordinary places (`~/.config/dd/subscribe/radar.conf`) has its own name there, `radar`. One in another folder
/// has 16 digits of its path behind it, `radar-0f3c…`: two of the same name in different folders share nothing.
public struct StateName: Sendable, Equatable {
    /// A part of file names; never with a `/`.
    public let word: String
    /// Where versions before this rule kept the same, when no configuration in an ordinary place has that name.
    let former: String?

    /// The word for a configuration that needs no path to be told apart.
    public init(_ name: String) {
        word = name.replacing("/", with: "_")
        former = nil
    }

    /// The word for a configuration called `name` at `path`, which is absolute and without links.
    init(_ name: String, at path: String, former: String?) {
        let digits = String(Self.number(of: path), radix: 16)
        word = "\(name)-\(String(repeating: "0", count: 16 - digits.count))\(digits)"
        self.former = former
    }

    /// A number for a path that is the same in every run, as those of Swift's own hashes are not: FNV-1a, 64 bits.
    static func number(of path: String) -> UInt64 {
        path.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }

    /// Takes over the file or folder that an earlier version kept in `folder` under the name alone, with `tail` behind it; once, and by the
    /// first configuration that asks for it.
    func takeOver(in folder: String, tail: String) throws(FileError) {
        guard let former, access("\(folder)/\(word)\(tail)", F_OK) != 0 else { return }
        guard rename("\(folder)/\(former)\(tail)", "\(folder)/\(word)\(tail)") == 0 || errno == ENOENT else {
            throw FileError("cannot rename \(folder)/\(former)\(tail), the state of an earlier version, to \(word)\(tail)")
        }
    }
}

extension ConfigPaths {
    /// The word for the state of the configuration that `text` names in `folder` (`subscribe`, `sara`...); it need not be there any more.
    func stateName(of text: String, folder: String) -> StateName {
        let name = ConfigPaths.name(of: text)
        guard text.contains("/") || (text.hasSuffix(".conf") && Path.isFile(text)) else { return StateName(name) }
        let ordinary = configHomes.map { "\($0)/\(folder)/\(name).conf" }
        let own = Path.withoutLinks(text)
        // What the bare name would find; where nothing is there any more, what it would have found.
        let found = ordinary.first(where: Path.isFile)
        let places = found.map { [$0] } ?? ordinary
        if places.contains(where: { Path.withoutLinks($0) == own || Path.isSame($0, text) }) { return StateName(name) }
        return StateName(name, at: own, former: found == nil ? name : nil)
    }
}

extension Path {
    /// `path` from the root, its folder without links; where that folder is not there, as it is written.
    static func withoutLinks(_ path: String) -> String {
        let full = absolute(path)
        guard let slash = full.lastIndex(of: "/") else { return full }
        let (folder, name) = (full[..<slash], full[full.index(after: slash)...])
        guard let real = realpath(folder.isEmpty ? "/" : String(folder), nil) else { return full }
        defer { free(real) }
        let resolved = String(cString: real)
        return (resolved == "/" ? "" : resolved) + "/" + name
    }

    /// Whether both paths lead to one file.
    static func isSame(_ left: String, _ right: String) -> Bool {
        var (first, second) = (stat(), stat())
        return stat(left, &first) == 0 && stat(right, &second) == 0 && first.st_dev == second.st_dev
            && first.st_ino == second.st_ino
    }
}
