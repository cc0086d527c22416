import DDCore

/// Why a switch cannot stand or go on: one line for people, one number for scripts.
struct SwitchError: Error, CustomStringConvertible {
    let description: String
    let status: Int32

    init(_ description: String, status: Int32 = ExitStatus.failed) {
        self.description = description
        self.status = status
    }
}
