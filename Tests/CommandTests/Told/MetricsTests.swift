import DDCore
import DDTestSupport
import Glibc
import Testing

/// `dd_switch metrics`, read by Prometheus itself.
@Suite("metrics", .serialized, .enabled(if: SwitchTests.installed))
struct MetricsTests {
    private static let prometheus = Command(path: "/usr/bin/prometheus")
    private static let promtool = Command(path: "/usr/bin/promtool")
    private static let curl = Command(path: "/usr/bin/curl")

    /// The folder of the repository.
    private static let home = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

    @Test(
        "the text, the alert rules and the dashboard are taken by Prometheus",
        .enabled(if: Installed.has("/usr/bin/prometheus", "/usr/bin/promtool")))
    func scraped() throws {
        let files = try TemporaryFolder()
        let parties = try Parties("metrics")
        let environment = ["DD_CONFIG_HOME": files.path("etc"), "DD_STATE_HOME": files.path("state")]
        let accounts = SmallFile.text(parties.running.folder + "/etc/credentials.conf") ?? ""
        try files.write(accounts, to: "etc/credentials.conf", mode: 0o600)
        let lines = "broker \(parties.broker("bob"))\nsubtopic *.alice.metrics.#\ndirectory \(files.path("in"))\naccept .*\n"
        // A name that must be escaped.
        for name in ["one", "a\"b\\c"] { try files.write(lines, to: "etc/subscribe/\(name).conf") }
        let tool = Command("dd_switch", environment: environment)
        #expect(try tool.run(["start", "one"]).status == 0)
        defer { _ = try? tool.run(["stop"]) }
        try Tree.write([1, 2, 3], to: parties.source + "/file")
        #expect(try parties.post().status == 0)

        try SmallFile.makeFolder(files.path("collected"))
        let isDone = try waitUntil(seconds: 30) {
            try tool.run(["metrics", "--textfile", files.path("collected")]).status == 0
                && SmallFile.text(files.path("collected/dd.prom"))?.contains(
                    "dd_bytes_fetched_total{component=\"subscribe\",name=\"one\"} 3\n")
                    == true
        }
        #expect(isDone, "\(SmallFile.text(files.path("collected/dd.prom")) ?? "")")
        let text = try tool.run(["metrics"]).output
        let checked = try Self.promtool.run(["check", "metrics"], input: text)
        #expect(checked.status == 0 && checked.errors.isEmpty, "\(checked)")
        let rules = Self.home + "/etc/prometheus/dd.rules.yml"
        #expect(try Self.promtool.run(["check", "rules", rules]).status == 0)

        let (port, web) = (try #require(FreePort.find()), try #require(FreePort.find()))
        let server = try tool.start(["metrics", "--listen", "\(port)"])
        defer { server.send(SIGTERM) }
        let config = """
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: ["\(rules)"]
            scrape_configs: [{job_name: dd, static_configs: [{targets: ["127.0.0.1:\(port)"]}]}]
            """
        let path = try files.write(config, to: "prometheus.yml")
        let running = try Self.prometheus.start([
            "--config.file", path, "--storage.tsdb.path", files.path("data"), "--web.listen-address", "127.0.0.1:\(web)",
        ])
        defer { running.send(SIGTERM) }
        func ask(_ expression: String) throws -> JSONValue {
            let words = ["-s", "-G", "--data-urlencode", "query=\(expression)", "http://127.0.0.1:\(web)/api/v1/query"]
            return try JSONParser.parse(Self.curl.run(words).output)
        }
        let isUp = waitUntil(seconds: 60) {
            ((try? ask("dd_up == 1"))?["data"]?["result"]?.array?.first?["metric"]?["name"]?.string) == "one"
        }
        #expect(isUp, "\(running.errors.suffix(1_000))")
        #expect(try ask("dd_up == 0")["data"]?["result"]?.array?.first?["metric"]?["name"]?.string == "a\"b\\c")
        // What the dashboard asks can be asked.
        let dashboard = try JSONParser.parse(SmallFile.text(Self.home + "/etc/prometheus/dd.dashboard.json") ?? "")
        let panels = dashboard["panels"]?.array ?? []
        #expect(panels.count > 5)
        for target in panels.flatMap({ $0["targets"]?.array ?? [] }) {
            let expression = try #require(target["expr"]?.string)
            #expect(try ask(expression)["status"]?.string == "success", "\(expression)")
        }
        let loaded = try JSONParser.parse(Self.curl.run(["-s", "http://127.0.0.1:\(web)/api/v1/rules"]).output)
        let alerts = loaded["data"]?["groups"]?.array?.first?["rules"]?.array ?? []
        #expect(alerts.count == 7 && alerts.allSatisfy { $0["health"]?.string != "err" }, "\(loaded)")
    }

    @Test("other requests are refused, and one that says nothing holds up nobody for long")
    func requests() throws {
        let files = try TemporaryFolder()
        let environment = ["DD_CONFIG_HOME": files.path, "DD_STATE_HOME": files.path("state")]
        let port = try #require(FreePort.find())
        let server = try Command("dd_switch", environment: environment).start(["metrics", "--listen", "\(port)"])
        defer { server.send(SIGTERM) }
        #expect(waitUntil(seconds: 20) { FreePort.answers(port) })
        func ask(_ words: String...) throws -> String {
            try Self.curl.run(["-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20"] + words).output
        }
        let url = "http://127.0.0.1:\(port)"
        let silent = try Command(path: "/usr/bin/python3").start([
            "-c", "import socket,time; s=socket.create_connection(('127.0.0.1',\(port))); time.sleep(15)",
        ])
        defer { silent.kill() }
        #expect(try ask(url + "/metrics") == "200")
        #expect(try ask(url + "/") == "404")
        #expect(try ask("-d", "x", url + "/metrics") == "405")
        let other = try Command("dd_switch", environment: environment).run(["metrics", "--listen", "\(port)"])
        #expect(other.status != 0 && other.errors.contains("cannot listen on 127.0.0.1:\(port)"), "\(other)")
        server.send(SIGTERM)
        #expect(try server.outcome().status == 0)
    }
}
