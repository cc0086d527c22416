import DDCore
import DDTransfer
import Glibc

/// `dd_poll`: announces what a server lists, for sources that cannot post.
public enum DDPoll {
    /// Does what the command line asks for, and ends the process.
    public static func main() {
        ConfiguredProgram<PollOptions>.main(cleanUp: nil) { program in
            let stop = try StopSignal.install()
            let home = try StateFolder(program.options.common)
            return try program.run(until: stop) { try PollFlow($0, home, lister: lister($0), stop: stop) }
        }
    }

    private static func lister(_ options: PollOptions) -> FolderLister {
        // What is polled is the word of who wrote the configuration, not of a message.
        let policy = FetchPolicy(allowsLocal: true)
        return FolderLister(fetcher: TransportFetcher(options.transfer), policy: policy, scratch: options.common.stateHome)
    }
}
