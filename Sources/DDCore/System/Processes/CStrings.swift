import Glibc

/// Arrays of C strings that end with NULL.
enum CStrings {
    /// Calls `body` with `texts` as `char *const []`, valid only inside.
    static func with<Value>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value) -> Value {
        let copies = texts.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies + [nil])
    }
}
