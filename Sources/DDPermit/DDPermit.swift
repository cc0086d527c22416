import DDCore

/// `dd_permit`: says who may have a private tree.
public enum DDPermit {
    /// Does what the command line asks for, and ends the process.
    public static func main() {
        Program.once("dd_permit", PermitOptions.load, log: { $0.common.log }) { try PermitRequest($0, stop: $1).run() }
    }
}
