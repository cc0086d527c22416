public import DDCore

extension SmallFile {
    /// All bytes of a file; `nil` when it cannot be read.
    public static func bytes(_ path: String) -> [UInt8]? { (try? contents(path)) ?? nil }
}
