/// The folder where dd_poll or dd_watch remembers what it announced of one configuration, held by one process at a time: two would announce everything
/// twice, and forget what the other remembers.
///
///     STATE/dd_poll/radar/pid                 who works with it
///     STATE/dd_poll/radar/3f/3f….known        a folder of the server
///     STATE/dd_watch/radar/record             what dd_watch has announced
public final class StateFolder {
    let path: String
    private let holder: PidFile

    /// Makes the folder when absent, and takes it. Throws `ConfigError` (64) while another process has it.
    public init(_ common: CommonOptions) throws {
        let (name, folder) = (common.stateName.word, "\(common.stateHome)/\(common.program)")
        try common.stateName.takeOver(in: folder, tail: "")
        path = "\(folder)/\(name)"
        try SmallFile.makeFolder(path, mode: 0o700)
        guard let holder = try PidFile(path + "/pid") else {
            let process = PidFile.holder(of: path + "/pid").map { " as process \($0.process.pid)" } ?? ""
            throw ConfigError(.usage, "\(common.program) \(name) runs already\(process): stop it first")
        }
        self.holder = holder
    }
}
