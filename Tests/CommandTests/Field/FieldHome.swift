import DDCore
import DDTestSupport
import Glibc
import Testing

/// A home folder in which the field's own tools find their configuration and the accounts of a switch.
struct FieldHome {
    private let parties: Parties
    private let home: String

    /// A home in the folder of a test.
    init(_ parties: Parties) throws {
        self.parties = parties
        home = parties.path("home")
        for user in ["ALICE", "BOB"] {
            let account = parties.running["DD_BROKER_\(user)"]
            for tool in ["sr3", "sarra"] {
                let path = "\(home)/.config/\(tool)/credentials.conf"
                try SmallFile.makeFolder("\(home)/.config/\(tool)")
                try SmallFile.write((SmallFile.text(path) ?? "") + account + "\n", to: path, mode: 0o600)
            }
        }
    }

    /// Posts `path` as alice, in the form v02 or v03.
    func post(_ tool: FieldTool, _ form: String, _ path: String, _ lines: String = "") throws -> Command.Outcome {
        let (root, url) = (parties.running["DD_SOURCE_ROOT"], parties.running["DD_SOURCE_URL"])
        switch tool {
        case .sr3:
            let name = try configure(
                tool, "post",
                """
                post_broker \(parties.broker("alice"))
                post_exchange xs_alice
                exchangeDeclare False
                post_baseUrl \(url)
                post_baseDir \(root)
                post_topicPrefix \(form == "v02" ? "v02.post" : "v03")
                post_format \(form)
                \(lines)
                """)
            return try command(tool, "sr3_post").run(["-c", name, "-p", path])
        case .v2:
            let name = try configure(
                tool, "post",
                """
                post_broker \(parties.broker("alice"))
                post_exchange xs_alice
                declare_exchange False
                post_base_url \(url)
                post_base_dir \(root)
                post_topic_prefix \(form == "v02" ? "v02.post" : "v03.post")
                \(lines)
                """)
            return try command(tool, "sr_post").run(["-c", name, "-p", path])
        }
    }

    /// Starts its subscriber as bob for what is in alice's folder, into `folder`, and waits until its queue is bound.
    func subscribe(_ tool: FieldTool, into folder: String) throws -> RunningCommand {
        try SmallFile.makeFolder(folder)
        let prefix = tool == .sr3 ? "topicPrefix v02.post\nexchangeDeclare False\nqueueName" : "topic_prefix v02.post\nqueue_name"
        let name = try configure(
            tool, "subscribe",
            """
            broker \(parties.broker("bob"))
            exchange xpublic
            \(prefix) q_bob.\(tool.rawValue).\(parties.name)
            subtopic *.alice.\(parties.name).#
            directory \(folder)
            mirror True
            strip 2
            accept .*
            """)
        let running =
            switch tool {
            // Without the starter, which would leave the program itself behind when it is killed.
            case .sr3:
                try command(tool, "python").start(["-m", "sarracenia.instance", "--no", "0", "foreground", "subscribe/" + name])
            case .v2: try command(tool, "sr_subscribe").start(["foreground", name])
            }
        let says = tool == .sr3 ? "getSetup binding" : "reading from"
        let stands = waitUntil(seconds: 30) { (running.errors + running.output).contains(says) || !running.isRunning }
        try #require(stands && running.isRunning, "\(tool) does not stand: \(running.errors)\(running.output)")
        return running
    }

    /// Writes a configuration; its name is returned.
    private func configure(_ tool: FieldTool, _ component: String, _ lines: String) throws -> String {
        let name = "c\(UInt32.random(in: 0...UInt32.max))"
        for folder in [".config", ".cache"] {
            try SmallFile.makeFolder("\(home)/\(folder)/\(tool == .sr3 ? "sr3" : "sarra")/\(component)")
        }
        let folder = "\(home)/.config/\(tool == .sr3 ? "sr3" : "sarra")/\(component)"
        try SmallFile.write(lines + "\n", to: "\(folder)/\(name).conf")
        return name
    }

    private func command(_ tool: FieldTool, _ program: String) throws -> Command {
        let environment = [
            "HOME": home, "XDG_CONFIG_HOME": home + "/.config", "XDG_CACHE_HOME": home + "/.cache", "LC_ALL": "C.UTF-8",
        ]
        return Command(path: try tool.program(program), environment: environment, folder: home)
    }
}
