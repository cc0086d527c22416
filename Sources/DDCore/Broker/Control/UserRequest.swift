/// What a user asks of the administrator's tool, by a message on his own `xs_` exchange: who asks is the exchange's owner, whatever
/// the message says. `dd_switch requests` acts on it.
///
/// Topic `v02.request.<action>`; body one JSON object with the members of the action:
///
///     v02.request.passwd    {"password_hash":"<base64 of 4 bytes of salt and SHA-256 of salt and password>","web":"{SHA}..."}
///     v02.request.stop      {"user":"alice","stopped":"hold"}
///     v02.request.resume    {"user":"alice"}
public enum UserRequest: Sendable, Equatable {
    /// The user's own password is to be the one with this hash; see `PasswordHash`. `web`: what the web server compares with, see `WebSecret`;
    /// an older client says nothing of it.
    case passwd(hash: String, web: String?)
    /// An operator wants a source stopped.
    case stop(user: String, UserRecord.Stop)
    /// An operator wants a source to go on.
    case resume(user: String)

    /// The first words of the topic.
    public static let topicPrefix = "v02.request"

    /// Reads a message. The error's code says which part is wrong.
    public init(_ message: WireMessage) throws(MessageError) {
        guard let action = Topic.words(of: message.topic, after: Self.topicPrefix) else {
            throw MessageError(.topic, "cannot read a request with the topic \(MessageError.quote(message.topic))")
        }
        let json: JSONValue
        // The text is not quoted: it may hold a hash.
        do { json = try JSONParser.parse(message.body) } catch { throw MessageError(.body, "cannot read a request: \(error)") }
        switch String(action) {
        case "passwd":
            guard let hash = json["password_hash"]?.string, PasswordHash.isRabbitMQ(hash) else {
                throw MessageError(.body, "cannot read a request for a new password: it has no salted hash of 36 bytes")
            }
            let web = json["web"]?.string
            guard json["web"] == nil || web.map(WebSecret.isHash) == true else {
                throw MessageError(.body, "cannot read a request for a new password: 'web' has another form")
            }
            self = .passwd(hash: hash, web: web)
        case "stop":
            guard let stop = json["stopped"]?.string.flatMap(UserRecord.Stop.init) else {
                throw MessageError(.body, "cannot read a request to stop a source: 'stopped' is neither hold nor discard")
            }
            self = .stop(user: try Self.user(json), stop)
        case "resume": self = .resume(user: try Self.user(json))
        default: throw MessageError(.topic, "cannot read a request with the topic \(MessageError.quote(message.topic))")
        }
    }

    /// The form on the wire.
    public var wire: WireMessage {
        let (action, body): (String, JSONValue) =
            switch self {
            case .passwd(let hash, nil): ("passwd", .object(["password_hash": .string(hash)]))
            case .passwd(let hash, let web?): ("passwd", .object(["password_hash": .string(hash), "web": .string(web)]))
            case .stop(let user, let stop): ("stop", .object(["user": .string(user), "stopped": .string(stop.rawValue)]))
            case .resume(let user): ("resume", .object(["user": .string(user)]))
            }
        return WireMessage(topic: "\(Self.topicPrefix).\(action)", body: body.text)
    }

    private static func user(_ json: JSONValue) throws(MessageError) -> String {
        guard let name = json["user"]?.string, AccountName.isValid(name) else {
            throw MessageError(.body, "cannot read a request: 'user' is missing or no name of an account")
        }
        return name
    }
}
