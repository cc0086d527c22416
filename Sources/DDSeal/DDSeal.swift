import DDCore

/// `dd_seal`: encrypts and signs files for their readers, and opens them.
public enum DDSeal {
    /// Does what the command line asks for, and ends the process.
    public static func main() {
        Program.once("dd_seal", SealOptions.load, log: { $0.common.log }) { try SealFlow($0, stop: $1).run() }
    }
}
