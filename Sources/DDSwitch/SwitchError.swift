/// Why a switch cannot stand or go on: one line for people, one number for scripts.
struct SwitchError: Error, CustomStringConvertible {
    static let failed: Int32 = 1
    static let usage: Int32 = 64
    static let unavailable: Int32 = 69

    let description: String
    let status: Int32

    init(_ description: String, status: Int32 = failed) {
        self.description = description
        self.status = status
    }
}
