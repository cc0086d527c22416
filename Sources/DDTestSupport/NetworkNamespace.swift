import CLinux
import DDCore
import Glibc

/// A network of its own (network_namespaces(7)), with a loopback device that is up: what is started in it can reach nothing else, and be
/// reached by nothing else, but over a `PacketWire`. Goes with the object and the processes that are in it. Needs root.
public final class NetworkNamespace: Sendable {
    /// The address of the machine that it stands for, IPv4, on its loopback device.
    public let address: String
    private let descriptor: Int32

    /// Whether this process may make them.
    public static let isPossible: Bool = geteuid() == 0 && access("/dev/net/tun", R_OK | W_OK) == 0 && access(ip, X_OK) == 0
    private static let ip = "/sbin/ip"

    /// Makes one with `address`.
    public init(_ address: String) throws {
        self.address = address
        let own = try Self.current()
        defer { close(own) }
        guard dd_new_network() == 0 else { throw ProcessError("cannot make a network namespace", errno) }
        defer { Self.enter(own) }
        descriptor = try Self.current()
        try Self.run("link", "set", "lo", "up")
        try Self.run("address", "add", address + "/32", "dev", "lo")
    }

    deinit { close(descriptor) }

    /// Does `body` on the calling thread with this network: what it starts and opens meanwhile has it for good.
    public func inside<T>(_ body: () throws -> T) throws -> T {
        let own = try Self.current()
        defer { close(own) }
        Self.enter(descriptor)
        defer { Self.enter(own) }
        return try body()
    }

    /// The end of a link to `other`: a device called `name`.
    func open(_ name: String, to other: NetworkNamespace) throws -> Int32 {
        try inside {
            let device = dd_open_tun(name)
            guard device >= 0 else { throw ProcessError("cannot make the device \(name)", errno) }
            try Self.run("link", "set", name, "up")
            try Self.run("route", "add", other.address, "dev", name, "src", address)
            return device
        }
    }

    private static func run(_ words: String...) throws {
        let outcome = try Command(path: ip).run(words)
        guard outcome.status == 0 else {
            throw ProcessError("cannot ip \(words.joined(separator: " ")): \(outcome.errors)", EINVAL)
        }
    }

    private static func current() throws(ProcessError) -> Int32 {
        let descriptor = dd_openat(AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY, 0)
        guard descriptor >= 0 else { throw ProcessError("cannot open the thread's network", errno) }
        return descriptor
    }

    private static func enter(_ network: Int32) {
        guard dd_enter_network(network) != 0 else { return }
        // The thread does other work later: in the wrong network it must not.
        Log(program: "test").error("cannot enter a network namespace: \(errno)")
        Program.leave(ExitStatus.system)
    }
}
