import DDCore
import DDTestSupport
import Testing

/// What is in `etc`, for those who copy it.
@Suite("examples")
struct ExampleTests {
    @Test(
        "each configuration is taken by its program, which then finds no broker",
        arguments: [
            ["dd_sara", "sara/ingest", "foreground", "--source_broker", "amqp://feeder:x@127.0.0.1:1/"],
            ["dd_subscribe", "subscribe/example", "foreground"], ["dd_switch", "switch/switch", "log2source"],
        ])
    func configurations(words: [String]) throws {
        let files = try TemporaryFolder()
        let accounts = SmallFile.text(House.root + "/etc/dd/credentials.conf.example") ?? ""
        try files.write(accounts, to: "credentials.conf", mode: 0o600)
        let command = Command(words[0], environment: ["DD_CONFIG_HOME": files.path, "DD_STATE_HOME": files.path("state")])
        let config = "\(House.root)/etc/dd/\(words[1]).conf"
        let rest = Array(words.dropFirst(2))
        let arguments = words[0] == "dd_switch" ? rest + [config] : [config] + rest
        let outcome = try command.run(arguments + ["-b", "amqp://feeder:x@127.0.0.1:1/", "--wait", "0"])
        #expect(outcome.status == ExitStatus.unavailable, "\(outcome)")
        guard words[0] == "dd_switch" else { return }
        let check = try command.run(["check", "--config", config, "--management", "http://root:x@127.0.0.1:1/"])
        #expect(check.status == 2 && check.output.hasPrefix("DD_SWITCH CRITICAL - cannot reach"), "\(check)")
    }

    @Test("who follows the guide gets an ingest that serves new users, and the user that the units name")
    func shipped() {
        let lines = House.lines(below: "etc").map(\.text)
        #expect(lines.contains("control on"))
        let users = Set(lines.filter { $0.hasPrefix("User=") }.map { $0.dropFirst(5) })
        for user in users { #expect(lines.contains { $0.hasPrefix("u \(user) ") }, "nobody makes \(user)") }
        let guide = SmallFile.text(House.root + "/docs/administration.md") ?? ""
        for word in ["systemd-sysusers", "cafile ", "chown dd /etc/dd/credentials.conf", "control on"] {
            #expect(guide.contains(word), "the guide does not say \(word)")
        }
    }

    @Test("each unit of systemd starts a program of ours with a configuration that there is, and says when not to start it again")
    func units() throws {
        let folder = House.root + "/etc/systemd"
        let units = TemporaryFolder.names(in: folder)
        #expect(units.count == 6)
        for unit in units {
            let lines = (SmallFile.text("\(folder)/\(unit)") ?? "").split(separator: "\n")
            let words = try #require(lines.first { $0.hasPrefix("ExecStart=/usr/local/bin/") }).split(separator: " ")
            let program = words[0].dropFirst("ExecStart=/usr/local/bin/".utf8.count)
            #expect(Command(String(program)).exists, "\(unit): \(program)")
            let config = words.count > 2 && words[1] == "log2source" ? words[2] : words[1] == "requests" ? "switch" : words[1]
            #expect(lines.contains("RestartPreventExitStatus=64 77 78"), "\(unit)")
            // A template is for any configuration.
            guard config != "%i" else { continue }
            let path = "\(House.root)/etc/dd/\(program.dropFirst(3))/\(config).conf"
            #expect(SmallFile.text(path) != nil, "\(unit): \(path)")
        }
    }

    @Test("bash completes options, configurations, actions and commands, and each command that it knows is one")
    func completion() throws {
        let files = try TemporaryFolder()
        try files.write("", to: "sara/ingest.conf")
        let script = """
            source "\(House.root)/etc/completions/dd.bash"
            try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _dd "$1" "${!#}" ""; echo "${COMPREPLY[*]}"; }
            try "\(Command("dd_sara").path)" in
            try "\(Command("dd_sara").path)" ingest sto
            try "\(Command("dd_switch").path)" status sara/
            try "\(Command("dd_post").path)" --trace_r
            try "\(Command("dd_switch").path)" ""
            """
        let outcome = try Command(path: "/bin/bash", environment: ["DD_CONFIG_HOME": files.path]).run(["-c", script])
        let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(outcome.errors.isEmpty && lines.prefix(4) == ["ingest", "stop", "sara/ingest", "--trace_route"], "\(outcome)")
        let help = try Command("dd_switch").run(["help"]).output
        let commands = lines.count > 4 ? lines[4].split(separator: " ") : []
        #expect(commands.count > 20)
        for command in commands { #expect(help.contains(command), "\(command)") }
    }

    /// What is typed, and what it becomes with a tabulator.
    private static let typed = [
        ("dd_post --trace_r", "dd_post --trace_route"), ("dd_sara in", "dd_sara ingest"),
        ("dd_sara ingest sto", "dd_sara ingest stop"),
        ("dd_switch status sara/", "dd_switch status sara/ingest"), ("dd_switch exp", "dd_switch exp"),
        ("dd_permit g", "dd_permit grant"),
    ]

    private func environment(_ files: TemporaryFolder) throws -> [String: String] {
        try files.write("", to: "sara/ingest.conf")
        return [
            "DD_CONFIG_HOME": files.path, "PATH": Command.folderOfBundle + ":/usr/bin:/bin", "HOME": files.path, "TERM": "dumb",
            "COMPLETIONS": House.root + "/etc/completions",
        ]
    }

    @Test("so does fish, with what each option is", .enabled(if: Installed.has("/usr/bin/fish")))
    func fish() throws {
        let files = try TemporaryFolder()
        let asked = Self.typed.map { "complete -C '\($0.0)' | string join ','" }.joined(separator: "\n")
        let shell = Command(path: "/usr/bin/fish", environment: try environment(files))
        let outcome = try shell.run(["--no-config", "-c", "source $COMPLETIONS/dd.fish\n" + asked])
        let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines.first?.hasPrefix("--trace_route\tpost nothing, show") == true, "\(outcome)")
        #expect(Array(lines.dropFirst()).prefix(5) == ["ingest", "stop", "sara/ingest", "explain,export", "grant"], "\(outcome)")
    }

    @Test("so does zsh", .enabled(if: Installed.has("/usr/bin/zsh")))
    func zsh() throws {
        let files = try TemporaryFolder()
        // A shell at a terminal: a line is typed, then printed as it has become.
        let script = """
            zmodload zsh/zpty
            for line in "$@"; do
                zpty z zsh -f -i
                zpty -w z "PS1=; fpath=($COMPLETIONS \\$fpath); autoload -U compinit; compinit -u -D; bindkey -e; print rea''dy"
                zpty -r z out '*ready*'
                zpty -n -w z "$line"$'\\t'
                sleep 2
                zpty -w z $'\\x01print -r -- "=[\\x05]="'
                sleep 1
                out=
                while zpty -r -t z more; do out+=$more; done
                print -r -- "$out"
                zpty -d z
            done
            """
        let shell = Command(path: "/usr/bin/zsh", environment: try environment(files))
        let outcome = try shell.run(["-f", "-c", script, "zsh"] + Self.typed.map(\.0))
        let lines = outcome.output.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("=[") && $0.contains("]=") }
        let became = lines.map { $0.dropFirst(2).prefix { $0 != "]" }.split(separator: " ").joined(separator: " ") }
        #expect(became == Self.typed.map(\.1), "\(outcome)")
    }

    @Test("all shells know the same commands of dd_switch")
    func commands() throws {
        let texts = try ["dd.bash", "dd.fish", "_dd"].map { try #require(SmallFile.text("\(House.root)/etc/completions/\($0)")) }
        let lists = texts.map { text in
            text.replacing("\n", with: " ").split(separator: "up log2source ").dropFirst().first?.prefix {
                $0 != "\"" && $0 != ")"
            }
            .split(separator: " ")
        }
        #expect(lists[0]?.count ?? 0 > 20 && lists[0] == lists[1] && lists[1] == lists[2], "\(lists)")
    }
}
