/// Where the links on the page of a folder lead.
struct IndexLink {
    /// Scheme, host and port; `nil` when the folder's URL is none.
    private let site: URLParts?
    /// The names that lead to the folder, decoded.
    private let names: [Substring]

    /// For the page of the folder at `url` (encoded).
    init(folder url: String) {
        site = try? URLParts(url)
        names = Self.names(site?.path ?? "") ?? []
    }

    /// What a link leads to.
    enum Target: Equatable {
        /// Something in the folder: its name, decoded.
        case entry(String, isFolder: Bool)
        /// The folder itself, one above it, another order of the same list, a mail.
        case aside
        /// Something else.
        case elsewhere
        /// Something in the folder whose name, as written here, cannot be used.
        case unusable(String)
    }

    /// Where `reference` leads: a name, a path, or a whole URL.
    func target(_ reference: String) -> Target {
        let text = String(reference.trimmed)
        // Another order of the same list, a place on the page, nothing.
        guard let first = text.utf8.first, first != UInt8(ascii: "?"), first != UInt8(ascii: "#") else { return .aside }
        if ["mailto:", "javascript:", "data:", "tel:"].contains(where: text.lowercased().hasPrefix) { return .aside }
        let path = text.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        if path.endIndex != text.utf8.endIndex { return Self.isAbove(Substring(path)) ? .aside : .elsewhere }
        if text.hasPrefix("//") { return site.map { absolute($0.scheme + ":" + text) } ?? .elsewhere }
        if first == UInt8(ascii: "/") { return below(Substring(text)) }
        if text.contains("://"), let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
            text.utf8[colon...].starts(with: "://".utf8)
        {
            return absolute(text)
        }
        return relative(Substring(text))
    }

    private func absolute(_ text: String) -> Target {
        guard let url = try? URLParts(text.replacing(" ", with: "%20")), let site, url.host == site.host,
            url.effectivePort == site.effectivePort || url.port == nil
        else { return .elsewhere }
        return below(Substring(url.path))
    }

    /// A path from the root of the site.
    private func below(_ path: Substring) -> Target {
        guard let all = Self.names(path) else { return .unusable(String(path)) }
        if names.starts(with: all, by: { $0.utf8.elementsEqual($1.utf8) }) { return .aside }
        guard all.count == names.count + 1, all.starts(with: names, by: { $0.utf8.elementsEqual($1.utf8) }), let name = all.last
        else { return .elsewhere }
        return entry(String(name), isFolder: path.utf8.last == UInt8(ascii: "/"))
    }

    /// A path from the folder.
    private func relative(_ path: Substring) -> Target {
        var path = path
        while path.utf8.starts(with: "./".utf8) { path = Substring(path.utf8.dropFirst(2)) }
        guard !path.isEmpty, path != ".", !Self.isAbove(path) else { return .aside }
        let isFolder = path.utf8.last == UInt8(ascii: "/")
        if isFolder { path = Substring(path.utf8.dropLast()) }
        guard !path.utf8.contains(UInt8(ascii: "/")) else { return .elsewhere }
        guard let name = try? Percent.decode(path) else { return .unusable(String(path)) }
        return entry(name, isFolder: isFolder)
    }

    private func entry(_ name: String, isFolder: Bool) -> Target {
        let isUsable = !name.isEmpty && !name.utf8.contains(UInt8(ascii: "/")) && name != "." && name != ".."
        return isUsable ? .entry(name, isFolder: isFolder) : .unusable(name)
    }

    private static func isAbove(_ path: Substring) -> Bool {
        !path.isEmpty && path.utf8.split(separator: UInt8(ascii: "/")).allSatisfy { $0.elementsEqual("..".utf8) }
    }

    /// The decoded names of a path; `nil` when one cannot be decoded, or is no name.
    private static func names(_ path: some StringProtocol) -> [Substring]? {
        var names: [Substring] = []
        for part in path.utf8.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            guard let name = try? Percent.decode(String(decoding: part, as: UTF8.self)), name != "..",
                !name.utf8.contains(UInt8(ascii: "/"))
            else { return nil }
            names.append(Substring(name))
        }
        return names
    }
}
