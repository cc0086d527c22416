/// Names of accounts and clusters, as far as exchanges and folders may be named after them.
public enum AccountName {
    /// Whether `name` is 1 to 64 letters, digits, `-`, `_`, `.` or `@`, and neither begins with a dot nor could name another folder.
    public static func isValid(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && !name.hasPrefix(".")
            && name.utf8.allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f, 0x2e, 0x40: true
                default: false
                }
            }
    }
}
