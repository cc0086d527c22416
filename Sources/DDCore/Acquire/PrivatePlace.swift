/// Where private data lies below a document root: `YYYYMMDD/<source>/dd-private/<group>/<path>`.
///
/// One rule of the web server, written once, covers each of these folders, also those of days to come (docs/decisions/0057). A group is those
/// who may read; its name in the tree is that of the file in which the web server finds their accounts.
public enum PrivatePlace {
    /// The folder in a daily tree of a source.
    static let folder = "dd-private"

    /// The group that `recipients` are of what `source` posts at `cluster`, whatever their order: 32 hexadecimal digits.
    public static func group(of recipients: [Recipient], source: String, cluster: String) throws -> String {
        try name(["users", source, cluster] + Set(recipients).sorted().map(\.description))
    }

    /// The group of a tree that a source has given to some, whoever they are at the moment.
    public static func group(ofTree tree: String, source: String, cluster: String) throws -> String {
        try name(["tree", source, cluster, tree])
    }

    /// No part has a newline in it, so that different parts never make the same text.
    private static func name(_ parts: [String]) throws -> String {
        let digest = try Digest(.sha512)
        let text = Array(parts.joined(separator: "\n").utf8)
        text.withUnsafeBytes { digest.update($0) }
        return Hexadecimal.text(Array(digest.finish().prefix(16)))
    }

    /// Whether `name` is a group's.
    static func isGroup(_ name: String) -> Bool {
        name.utf8.count == 32 && name.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
    }

    /// The group in whose folder a file is; `nil`: it is in none.
    public static func group(of place: Place) -> String? {
        let words = place.directories
        guard words.count > 3, DailyTrees.isDay(words[0]), words[2] == folder, isGroup(words[3]) else { return nil }
        return words[3]
    }

    /// Throws unless a place in a daily tree is where data like this has to be: private data in the folder of a group, which no other data is
    /// in.
    static func check(_ place: Place, isPrivate: Bool) throws(FileError) {
        let words = place.directories
        let isInside = words.count > 1 && DailyTrees.isDay(words[0]) && (words.count > 2 ? words[2] : place.name) == folder
        if isPrivate, group(of: place) == nil {
            throw FileError(.notAllowed, "\(place.relpath) is private, and not in a folder of private data (\(folder))")
        }
        if !isPrivate, isInside {
            throw FileError(.notAllowed, "\(place.relpath) is in a folder that is kept for private data (\(folder))")
        }
    }
}
