/// A password on its way to the broker.
public struct NewPassword: Sendable {
    /// The password itself, to be shown once; `nil` for an account that cannot log in with one.
    public let secret: Secret?
    /// RabbitMQ's form of it; empty for such an account.
    public let hash: String
    /// Made here, so that somebody has to be told.
    public let isMade: Bool

    /// A password that somebody chose. Throws when it is shorter than 8 or longer than 200 bytes, or holds control characters.
    public init(_ text: String) throws(ConfigError) {
        guard (8...200).contains(text.utf8.count), !ControlCharacters.occur(in: text) else {
            throw ConfigError(.usage, "a password has 8 to 200 bytes and no control characters")
        }
        try self.init(text, isMade: false)
    }

    private init(_ text: String, isMade: Bool) throws(ConfigError) {
        guard let hash = PasswordHash.rabbitMQ(text) else { throw ConfigError(.configuration, "cannot compute SHA-256") }
        self.hash = hash
        secret = Secret(text)
        self.isMade = isMade
    }

    private init() {
        (secret, hash, isMade) = (nil, "", false)
    }

    /// What the web server is given of it for the private data of `user`; `nil` for an account that cannot log in with a password.
    public func webHash(for user: String) -> String? {
        secret.flatMap { WebSecret.make(user: user, password: $0.reveal()) }.flatMap(WebSecret.hash)
    }

    /// For accounts whose passwords another backend of the broker has.
    public static let none = NewPassword()

    /// 24 letters and digits from the system's random numbers, 142 bits: nothing in them needs an escape anywhere.
    public static func made() throws(ConfigError) -> NewPassword { try NewPassword(freshText(), isMade: true) }

    /// The text of a password as `made` makes it.
    public static func freshText() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<24).compactMap { _ in alphabet.randomElement() })
    }
}
