import DDCore
import DDTransfer
import Glibc

/// `dd_poll`: announces what a server lists, for sources that cannot post.
@main
enum DDPoll {
    static func main() {
        Program.leave(
            Program.run("dd_poll") { arguments, environment in
                if let answer = try Daemon.answer(PollOptions.table, arguments: arguments, environment: environment) {
                    return answer
                }
                switch try PollOptions.load(arguments: arguments, environment: environment) {
                case .help(let text): return Program.printed(text)
                case .version: return Program.printed("dd_poll \(Program.version)\n")
                case .run(let options): return try run(options, arguments, environment)
                }
            })
    }

    private static func run(_ options: PollOptions, _ arguments: [String], _ environment: [String: String]) throws -> Int32 {
        Program.speak(as: options.common.log)
        func load() throws -> PollOptions {
            guard case .run(let options) = try PollOptions.load(arguments: arguments, environment: environment) else {
                return options
            }
            return options
        }
        let daemon = try Daemon(options.common, PollOptions.table, arguments: arguments)
        // One process: two would announce everything twice.
        return try daemon.perform(
            options.action, instances: 1,
            reload: {
                _ = try load(); return 1
            }
        ) { mark in
            let stop = try StopSignal.install()
            let home = try PollHome(options.common)
            let run = ReloadingRun(stop: stop, load: load) { try PollFlow($0, home, lister: lister($0), stop: stop) }
            return try run.run(options, mark, log: options.common.log)
        }
    }

    private static func lister(_ options: PollOptions) -> FolderLister {
        // What is polled is the word of who wrote the configuration, not of a message.
        let policy = FetchPolicy(allowsLocal: true)
        return FolderLister(fetcher: TransportFetcher(options.transfer), policy: policy, scratch: options.common.stateHome)
    }
}
