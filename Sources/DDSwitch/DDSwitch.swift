import DDCore
import Glibc

/// `dd_switch`: one tool for the people who run a switch. Finds the sub-command, nothing else.
public enum DDSwitch {
    static let version = "dd_switch \(Program.version)"

    static let usage = """
        usage: dd_switch up [options] [DIR]          a whole switch in the foreground, from nothing
               dd_switch log2source [options] CONFIG routes reports to the sources of the data
               dd_switch quarantine list|release|remove CONFIG [ID...]
                                                     files that dd_sara has kept aside
               dd_switch convert [--as COMPONENT] FILE...
                                                     configurations of the field's tools in our words
               dd_switch start|stop|restart|reload|status [options] [NAME...]
                                                     all configurations of this machine, or those named
               dd_switch explain PATH|URL            where a file is, and what it waits for
               dd_switch metrics [options]           their figures for Prometheus
               dd_switch [-c CONFIG] COMMAND [options]
               dd_switch help | version

        commands for the administrator of a running broker:
        \(AdminVerb.overview)
        options of up:
        \(UpOptions.help)
          --help           this text
          --version        the version

        options of status and metrics:
        \([ServiceOptions.table(.status), MetricsOptions.table].flatMap(\.options).filter { !["help", "version"].contains($0.name) }.map { "  " + OptionTable.head($0) }
            .joined(separator: "\n"))

        options of the other commands (COMMAND --help shows those of one):
        \(AdminVerb.everyOption.map { "  " + OptionTable.head($0) }.joined(separator: "\n"))

        dd_switch(8) has the whole story.
        """

    static let upUsage = """
        usage: dd_switch up [options] [DIR]          a whole switch in the foreground, from nothing

        \(UpOptions.help)
          --help           this text

        Everything is below DIR (a fresh folder in /tmp when it is not said) and listens on 127.0.0.1 and ADDRESS only; ctrl-c ends it.
        dd_switch(8) has the whole story.
        """

    /// Does what the command line asks for, and ends the process.
    public static func main() {
        Program.limitMask()
        let words = Array(CommandLine.arguments.dropFirst())
        if words.first == "up", words.contains("--help") { return show(upUsage) }
        switch words.first {
        case "up": Program.leave(Up.run(Array(words.dropFirst())))
        case "log2source": Program.leave(Log2Source.run(Array(words.dropFirst())))
        case "quarantine": Program.leave(QuarantineCommand.run(Array(words.dropFirst())))
        case "convert": Program.leave(ConvertCommand.run(Array(words.dropFirst())))
        case let word? where ServiceOptions.Verb(rawValue: word) != nil: Program.leave(ServiceCommand.run(words))
        case "explain": Program.leave(ExplainCommand.run(Array(words.dropFirst())))
        case "metrics": Program.leave(MetricsCommand.run(Array(words.dropFirst())))
        case "child": Program.leave(becomeChild(Array(words.dropFirst())))
        case "help" where words.count > 1 && words[1] != "up": Program.leave(Admin.help(Array(words.dropFirst())))
        case "help" where words.count > 1: show(upUsage)
        case "help", "--help", "-h": show(usage)
        case "version", "--version", "-V": show(version)
        case nil:
            complain(usage)
            Program.leave(ExitStatus.usage)
        default: Program.leave(Admin.run())
        }
    }

    /// `child PARENT PROGRAM ARGUMENT…`: how `up` starts what must end with it. Not for users.
    private static func becomeChild(_ words: [String]) -> Int32 {
        guard words.count >= 2, let parent = Int32(words[0]) else { return ExitStatus.usage }
        complain(ChildProcess.become(words[1], Array(words.dropFirst(2)), dyingWith: parent).description)
        return ExitStatus.unavailable
    }

    private static func show(_ text: String) { print(text) }

    /// One line on standard error.
    static func complain(_ text: String) {
        let line = Array((text.hasPrefix("usage:") ? text : "dd_switch: " + LogLine.plain(text)).utf8) + [10]
        _ = write(2, line, line.count)
    }
}
