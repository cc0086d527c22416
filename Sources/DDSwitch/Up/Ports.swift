import DDCore

/// The loopback ports and the node's name: chosen at the first start, kept while they are free.
struct Ports {
    /// The broker's, for AMQP.
    let amqp: UInt16
    /// The broker's, for its own kind.
    let distribution: UInt16
    /// The port mapper's, so that this node is not listed beside others of the machine.
    let epmd: UInt16
    /// The broker's, for its management API.
    let management: UInt16
    /// The data server's.
    let web: UInt16
    /// The example source's server.
    let source: UInt16
    /// The broker's data is kept under this name: it never changes.
    let node: String

    /// Reads `DIR/etc/ports`, replaces what is taken by others and writes it again.
    init(_ folder: SwitchFolder) throws {
        let file = folder.etc + "/ports"
        var known: [String: String] = [:]
        for line in try SmallFile.lines(file) {
            let words = line.split(separator: " ")
            if words.count == 2 { known[String(words[0])] = String(words[1]) }
        }
        var taken: [UInt16] = []
        for name in ["amqp", "distribution", "epmd", "management", "web", "source"] {
            guard let port = FreePort.find(preferring: known[name].flatMap { UInt16($0) }, notIn: taken) else {
                throw SwitchError("cannot find a free port on 127.0.0.1", status: ExitStatus.unavailable)
            }
            taken.append(port)
        }
        (amqp, distribution, epmd) = (taken[0], taken[1], taken[2])
        (management, web, source) = (taken[3], taken[4], taken[5])
        node = known["node"] ?? "dd_\(String(UInt32.random(in: 0x1000_0000...UInt32.max), radix: 16))@localhost"
        let text = """
            amqp \(amqp)
            distribution \(distribution)
            epmd \(epmd)
            management \(management)
            web \(web)
            source \(source)
            node \(node)

            """
        try SmallFile.write(text, to: file)
    }
}
