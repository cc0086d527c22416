import Glibc

/// Addresses that a message must not make a program connect to unless they were allowed: this machine's own and link-local ones.
public enum SocketAddress {
    /// Whether the `sockaddr` in `bytes` is loopback, unspecified, link-local or one of this machine's interfaces. IPv4 addresses in
    /// IPv6 form are seen through. What cannot be read counts as local.
    public static func isLocal(_ bytes: [UInt8], family: Int32) -> Bool {
        switch family {
        case AF_INET:
            guard bytes.count >= 8 else { return true }
            return isLocal(v4: Array(bytes[4..<8]))
        case AF_INET6:
            guard bytes.count >= 24 else { return true }
            return isLocal(v6: Array(bytes[8..<24]))
        default:
            return true
        }
    }

    /// Whether `host` is written as an address of such a kind, in any form that a resolver takes, or as `localhost`. What a name leads
    /// to only a connection shows.
    public static func isLocal(host: String) -> Bool {
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        if name == "localhost" || name.hasSuffix(".localhost") { return true }
        var v4 = in_addr()
        if inet_aton(name, &v4) != 0 { return isLocal(v4: withUnsafeBytes(of: v4.s_addr) { Array($0) }) }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, name, &v6) == 1 else { return false }
        return isLocal(v6: withUnsafeBytes(of: v6) { Array($0) })
    }

    private static func isLocal(v4 address: [UInt8]) -> Bool {
        address[0] == 127 || address[0] == 0 || (address[0] == 169 && address[1] == 254) || ownAddresses.contains(address)
    }

    private static func isLocal(v6 address: [UInt8]) -> Bool {
        if address[..<10].allSatisfy({ $0 == 0 }), address[10] == 0xff, address[11] == 0xff {
            return isLocal(v4: Array(address[12...]))
        }
        // NAT64 and the compatible form carry an IPv4 address in their last bytes.
        if Array(address[..<12]) == [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0] { return isLocal(v4: Array(address[12...])) }
        if address[..<12].allSatisfy({ $0 == 0 }) { return true }
        return (address[0] == 0xfe && address[1] & 0xc0 == 0x80) || ownAddresses.contains(address)
    }

    /// The addresses of this machine's interfaces (`getifaddrs`), read once.
    private static let ownAddresses: Set<[UInt8]> = {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var found: Set<[UInt8]> = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let address = entry.ifa_addr else { continue }
            switch Int32(address.pointee.sa_family) {
            case AF_INET: found.insert(Array(UnsafeRawBufferPointer(start: address, count: 8)[4..<8]))
            case AF_INET6: found.insert(Array(UnsafeRawBufferPointer(start: address, count: 24)[8..<24]))
            default: break
            }
        }
        return found
    }()
}
