import CLinux
import Glibc

/// Where dd_sara keeps files aside that `on_file` has refused, each with the announcement that it would have had.
///
///     DIR/0f3a9c…/file        as it was fetched
///     DIR/0f3a9c…/about.json  where it belongs, why it is here, what is published when it is released
///
/// The name is made from post and place, so that what a crash has done in part is done again in the same folder.
public struct Quarantine: Sendable {
    /// A file that is kept aside.
    public struct Item: Sendable, Equatable {
        /// Its folder's name.
        public let id: String
        /// When it was put there.
        public let time: Timestamp
        /// Who posted it.
        public let source: String
        /// Its place below the document root.
        public let relpath: String
        /// Why it is here.
        public let reason: String
        /// Its bytes; `nil` when they are gone.
        public let size: Int64?
        /// What was to be published, and where.
        public let announcement: WireMessage
        /// The exchange for it.
        public let exchange: String
        /// Where else it goes.
        let copies: [Copy]
        /// What it takes on disk.
        var usage: DailyTrees.Usage { DailyTrees.Usage(bytes: size ?? 0, files: 1) }
    }

    /// Another way of the same announcement.
    struct Copy: Sendable, Equatable {
        let exchange: String
        let toClusters: String
    }

    /// Its folder.
    public let folder: String

    /// The quarantine in `folder`, which is made (0700) when it is first needed. It must not be below a document root that is served.
    public init(_ folder: String) {
        self.folder = folder
    }

    /// Takes the file at `place` out of `root` and keeps it.
    /// `announcements` are those that it would have had, one for each way: they differ in where they go and in `to_clusters`.
    func take(_ place: Place, from root: DocumentRoot, _ announcements: [Outgoing], source: String, reason: String) throws {
        guard let announcement = announcements.first else {
            throw FileError(.notAllowed, "\(place.relpath) goes nowhere from here and is not kept aside")
        }
        let id = try Self.id(place, announcement.message)
        do throws(ProcessError) {
            try SmallFile.makeFolder(folder, mode: 0o700)
            try SmallFile.makeFolder("\(folder)/\(id)", mode: 0o700)
            try SmallFile.write(
                Self.about(place, announcement, announcements.dropFirst(), source: source, reason: reason) + "\n",
                to: "\(folder)/\(id)/about.json",
                mode: 0o600)
        } catch {
            throw FileError("cannot keep \(place.relpath) aside in \(folder)", errno: error.number)
        }
        try root.move(place, to: "\(folder)/\(id)/file")
    }

    /// All files that are kept aside, the oldest first, and the names of what is in the folder and cannot be understood. Throws when the
    /// folder cannot be read; where there is none, nothing was kept aside.
    public func contents() throws(FileError) -> (items: [Item], unreadable: [String]) {
        let reader: DirectoryReader
        do throws(FileError) { reader = try DirectoryReader(at: folder) } catch {
            if error.code == .missing { return ([], []) }
            throw error
        }
        var (items, unreadable): ([Item], [String]) = ([], [])
        while let bytes = try reader.next() {
            let name = String(decoding: bytes, as: UTF8.self)
            if let item = item(name) { items.append(item) } else { unreadable.append(name) }
        }
        return (items.sorted { ($0.time, $0.id) < ($1.time, $1.id) }, unreadable.sorted())
    }

    /// What the files that are kept aside take on disk, for each source.
    func usage() throws(FileError) -> [String: DailyTrees.Usage] {
        try contents().items.reduce(into: [:]) { usage, item in
            usage[item.source] = (usage[item.source] ?? DailyTrees.Usage()) + item.usage
        }
    }

    /// The file called `id`; `nil` when there is none, or what is there cannot be understood.
    public func item(_ id: String) -> Item? {
        guard id.utf8.count == 32, id.utf8.allSatisfy({ 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }),
            let text = SmallFile.text("\(folder)/\(id)/about.json"), let json = try? JSONParser.parse(text),
            let time = json["time"]?.string.flatMap({ try? Timestamp(wire: $0) }), let relpath = json["path"]?.string,
            let exchange = json["exchange"]?.string, let topic = json["topic"]?.string, let body = json["body"]?.string
        else { return nil }
        var message = WireMessage(topic: topic, body: body)
        for member in json["headers"]?.members ?? [] { message.headers[member.name] = member.value.string }
        var info = stat()
        let isThere = lstat("\(folder)/\(id)/file", &info) == 0
        return Item(
            id: id, time: time, source: json["source"]?.string ?? "", relpath: relpath, reason: json["reason"]?.string ?? "",
            size: isThere ? Int64(info.st_size) : nil, announcement: message, exchange: exchange,
            copies: (json["copies"]?.array ?? []).map { ($0["exchange"]?.string ?? "", $0["to_clusters"]?.string ?? "") }.map(
                Copy.init))
    }

    /// Puts a file back to its place. One that has been put back already, by a release that was cut off, is no error.
    public func putBack(_ item: Item, to root: DocumentRoot) throws {
        let place = try Place(item.relpath)
        let there = try root.entry(at: place)
        guard item.size != nil else {
            if there != nil { return }
            throw FileError(.missing, "\(item.id): the file is gone")
        }
        guard there == nil else {
            throw FileError(.notAllowed, "\(item.id): there is a file again at \(item.relpath); remove one of the two")
        }
        try root.bring(place, from: "\(folder)/\(item.id)/file")
    }

    /// Forgets a file and removes what is left of it.
    public func forget(_ item: Item) throws(FileError) { try TreeRemoval.remove(item.id, below: folder) }

    private static func id(_ place: Place, _ message: WireMessage) throws -> String {
        let digest = try Digest(.xxh128)
        Array((message.body + "\n" + place.relpath).utf8).withUnsafeBytes { digest.update($0) }
        return Hexadecimal.text(digest.finish())
    }

    private static func about(
        _ place: Place, _ announcement: Outgoing, _ others: ArraySlice<Outgoing>, source: String, reason: String
    ) -> String {
        let copies = others.map { copy in
            JSONValue.object([
                JSONMember("exchange", .string(copy.exchange)),
                JSONMember("to_clusters", .string(copy.message.headers["to_clusters"] ?? "")),
            ])
        }
        let headers = announcement.message.headers.fields.map { JSONMember($0.name, .string($0.value)) }
        return JSONValue.object([
            "time": .string(Timestamp.now().wire), "source": .string(source), "path": .string(place.relpath),
            "reason": .string(reason), "exchange": .string(announcement.exchange), "topic": .string(announcement.message.topic),
            "headers": .object(headers), "body": .string(announcement.message.body), "copies": .array(copies),
        ]).text
    }
}

extension SaraOptions {
    /// What an earlier version has kept aside under the configuration's name alone is this configuration's; see `StateName`.
    public func takeOverQuarantine() throws {
        try common.stateName.takeOver(in: "\(common.stateHome)/\(common.program)", tail: ".quarantine")
    }
}
