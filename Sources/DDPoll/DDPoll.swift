import DDCore
import DDTransfer
import Glibc

/// `dd_poll`: announces what a server lists, for sources that cannot post.
@main
enum DDPoll {
    static func main() {
        Program.leave(
            Program.run("dd_poll") { arguments, environment in
                switch try PollOptions.load(arguments: arguments, environment: environment) {
                case .help(let text): Program.printed(text)
                case .version: Program.printed("dd_poll \(Program.version)\n")
                case .run(let options): try poll(options)
                }
            })
    }

    private static func poll(_ options: PollOptions) throws -> Int32 {
        let stop = try StopSignal.install(reloads: false)
        // What is polled is the word of who wrote the configuration, not of a message.
        let policy = FetchPolicy(allowsLocal: true)
        let lister = FolderLister(fetcher: TransportFetcher(options.transfer), policy: policy, scratch: options.common.stateHome)
        return try PollFlow(options, lister: lister, stop: stop).run()
    }
}
