/// One option with its value as written, before it has a type.
public struct Setting: Sendable, Equatable {
    /// The option's name in its table; aliases and short forms are resolved.
    public let name: String
    /// The text of the value; `on` for a boolean that was given without one.
    public var value: String
    /// Where it was written.
    public let origin: Origin
    /// The alias that was written for the name in a file; `nil`: the name itself, or on the command line.
    public let spelling: String?

    /// Puts them together; nothing is checked.
    public init(name: String, value: String, origin: Origin, spelling: String? = nil) {
        self.spelling = spelling
        self.name = name
        self.value = value
        self.origin = origin
    }
}
