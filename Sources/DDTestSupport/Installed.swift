import Glibc

/// Programs that tests need and that may be missing on a developer's machine: then the tests are skipped.
public enum Installed {
    /// On a build server, which says so with `CI`, nothing is skipped: a test whose server is missing fails there.
    public static let skipsNothing = getenv("CI").map { ["true", "1"].contains(String(cString: $0)) } ?? false

    /// Whether all of these programs are there, or must be.
    public static func has(_ programs: String...) -> Bool { skipsNothing || programs.allSatisfy { access($0, X_OK) == 0 } }
}
