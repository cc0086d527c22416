import DDTestSupport
import Glibc
import Testing

@testable import DDCore

extension PrivateTransferTests {
    /// Three switches in a row with alice at a and bob at each, eve at b, mallory at c. What alice gives to bob@c goes over b.
    final class Ground {
        let network: Network
        private var bobs: [RunningCommand] = []
        private var others: [RunningCommand] = []

        init() throws {
            network = try Network(["a", "b", "c"])
            try network.link(from: "a", to: "b", reaches: "c")
            try network.link(from: "b", to: "c")
            for (name, at) in [("eve", "b"), ("mallory", "c")] {
                let words = ["user", "add", name, "--role", "consumer", "--password", "secret-of-\(name)"]
                let made = try network.command("dd_switch", at: at).run(words)
                try #require(made.status == 0, "\(made)")
                let command = network.command("dd_subscribe", at: at)
                let folder = network[at].folder + "/got-" + name
                let broker = network[at].broker(name, password: "secret-of-\(name)")
                let reader = try command.start(["-b", broker, ":", folder])
                try #require(waitUntil(seconds: 20) { reader.errors.contains("connected") }, "\(reader.errors)")
                others.append(reader)
            }
            bobs = try ["a", "b", "c"].map { try network.subscribe(at: $0) }
        }

        deinit { for reader in bobs + others { reader.send(SIGTERM) } }

        /// What a stranger has been sent.
        func got(_ name: String, at cluster: String) -> [String] {
            TemporaryFolder.tree(network[cluster].folder + "/got-" + name)
        }

        /// The path of a private file below the document root of a switch; the group is in it.
        func path(_ file: String, of source: String, at cluster: String) -> String? {
            TemporaryFolder.tree(network[cluster]["DD_DOCUMENT_ROOT"]).first {
                $0.hasSuffix("/" + file) && $0.contains("/\(source)/dd-private/")
            }
        }

        /// What the web server of a switch answers to `account`.
        func answer(_ path: String, at cluster: String, _ account: (user: String, password: String)? = nil) throws -> String {
            var words = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--path-as-is"]
            if let account {
                let secret = try #require(WebSecret.make(user: account.user, password: account.password))
                words += ["-u", "\(account.user):\(secret)"]
            }
            return try Command(path: "/usr/bin/curl").run(words + [network[cluster]["DD_URL"] + path]).output
        }

        /// The password of bob at a switch.
        func bob(at cluster: String) throws -> (user: String, password: String) {
            let url = try BrokerURL(network[cluster]["DD_BROKER_BOB"])
            return ("bob", url.password.reveal())
        }
    }
}
