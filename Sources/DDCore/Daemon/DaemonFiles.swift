/// Where the processes of one configuration leave their traces.
///
///     STATE/dd_subscribe/radar.pid            who keeps them running, and what became of each
///     STATE/dd_subscribe/radar_1.pid          the first of them
///     STATE/log/dd_subscribe_radar_1.log      what it says; 0 is who keeps them running
public struct DaemonFiles: Sendable {
    /// `dd_sara`, `dd_subscribe`.
    public let program: String
    /// The configuration's name.
    public let configuration: String
    private let stateName: StateName
    private let stateHome: String

    /// The files of a program's configuration.
    public init(program: String, configuration: String, stateName: StateName, stateHome: String) {
        self.program = program
        self.configuration = configuration
        self.stateName = stateName
        self.stateHome = stateHome
    }

    /// Makes the folders.
    func makeFolders() throws(ProcessError) {
        try SmallFile.makeFolder("\(stateHome)/\(program)", mode: 0o700)
        try SmallFile.makeFolder("\(stateHome)/log", mode: 0o700)
    }

    /// The file of who keeps the instances running.
    var keeper: String { "\(stateHome)/\(program)/\(stateName.word).pid" }

    /// The file of an instance, counted from 1.
    func instance(_ number: Int) -> String { "\(stateHome)/\(program)/\(stateName.word)_\(number).pid" }

    /// The log of an instance, or of who keeps them running (0).
    func log(_ number: Int) -> String { "\(stateHome)/log/\(program)_\(stateName.word)_\(number).log" }
}
