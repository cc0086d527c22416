import DDCore
import Glibc

/// The command line of `dd_switch up`.
struct UpOptions: Equatable {
    /// The switch's folder; `nil`: a fresh one.
    var folder: String?
    /// The tree that the example source's web server shows; `nil`: `DIR/source`.
    var serve: String?
    var cluster = "local"
    /// The folder with RabbitMQ's programs.
    var rabbitmq = "/usr/lib/rabbitmq/bin"
    var mirror = false
    var accessLog = false
    var outsideLinks = false
    /// An IPv4 address of this machine on which broker and data can be reached, beside 127.0.0.1.
    var listen: String?

    static let help = """
          --serve FOLDER   the tree of the example source (default DIR/source)
          --cluster NAME   the name of the switch in the network (default local)
          --rabbitmq DIR   where the program rabbitmq-server is (default /usr/lib/rabbitmq/bin)
          --listen ADDRESS an IPv4 address of this machine for other machines, without TLS
          --mirror         keep the sources' paths, without YYYYMMDD/<source>/ before them
          --outside_links  carry symbolic links that lead out of the tree
          --access_log     the web servers log each request in DIR/log
        """

    /// Reads the words after `up`.
    init(_ words: [String]) throws(SwitchError) {
        var rest = words[...]
        var onlyPaths = false
        while let word = rest.popFirst() {
            guard !onlyPaths, word.hasPrefix("-") else {
                guard folder == nil, !word.isEmpty else { throw SwitchError("up takes one folder", status: ExitStatus.usage) }
                folder = word
                continue
            }
            if word == "--" {
                onlyPaths = true
                continue
            }
            let halves = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(halves[0].drop { $0 == "-" }.map { $0 == "-" ? "_" : $0 })
            let given = halves.count == 2 ? String(halves[1]) : nil
            switch name {
            case "serve": serve = try Self.value(of: name, given, &rest)
            case "cluster": cluster = try Self.name(Self.value(of: name, given, &rest))
            case "rabbitmq": rabbitmq = try Self.value(of: name, given, &rest)
            case "listen": listen = try Self.address(Self.value(of: name, given, &rest))
            case "mirror": mirror = try Self.boolean(name, given)
            case "outside_links": outsideLinks = try Self.boolean(name, given)
            case "access_log": accessLog = try Self.boolean(name, given)
            default: throw SwitchError("unknown option '\(word)' (see dd_switch help)", status: ExitStatus.usage)
            }
        }
    }

    private static func value(
        of name: String, _ given: String?, _ rest: inout ArraySlice<String>
    ) throws(SwitchError) -> String {
        guard let value = given ?? rest.popFirst(), !value.isEmpty else {
            throw SwitchError("option '\(name)' needs a value", status: ExitStatus.usage)
        }
        return value
    }

    private static func boolean(_ name: String, _ given: String?) throws(SwitchError) -> Bool {
        switch given?.lowercased() {
        case nil, "on", "true", "yes": return true
        case "off", "false", "no": return false
        default: throw SwitchError("option '\(name)' is on or off", status: ExitStatus.usage)
        }
    }

    private static func address(_ text: String) throws(SwitchError) -> String {
        var address = in_addr()
        guard inet_pton(AF_INET, text, &address) == 1, address.s_addr != 0 else {
            throw SwitchError(
                "option 'listen' is one address of this machine, as 192.0.2.7: '\(LogLine.plain(text))' is none",
                status: ExitStatus.usage)
        }
        return text
    }

    private static func name(_ text: String) throws(SwitchError) -> String {
        guard text.utf8.allSatisfy({ SwitchFolder.plain.contains($0) && $0 != UInt8(ascii: "/") }) else {
            throw SwitchError("a cluster's name has letters, digits, '.', '-' and '_' only", status: ExitStatus.usage)
        }
        return text
    }
}
