/// A change that the administrator made, as it is announced on the exchange `xctl` to the programs that act on it.
///
/// Topic `v02.ctl.<action>`; body one JSON object:
///
///     {"time":"20150813161959.854000000","action":"stop","by":"admin","user":{"name":"alice","role":"source","stopped":"hold"}}
///
/// `user` is everything that now holds for the user, not only what has changed: the last message about a user is all that a reader
/// needs, and reading one twice does no harm. The stream `QueueName.control` keeps the messages, so that a program that starts reads
/// it from its first message on and then knows every user. Only administrators can publish on `xctl` (see `Permissions`); a delivery
/// whose exchange is another, or that is dead-lettered, is nobody's word.
public struct ControlMessage: Sendable, Equatable {
    /// What is said of a control stream that was deleted and made again.
    static let streamIsEmpty = "the control stream is empty: what was known of the users holds on (dd_switch init tells it again)"

    /// What was done. A reader that goes by `user` alone misses nothing.
    public enum Action: String, Sendable, CaseIterable {
        /// The user is new, or the tool was told again what he is.
        case add
        /// The user is gone; `user.removed` says since when.
        case remove
        /// `user.stopped` is set: the source's posts are held or discarded.
        case stop
        /// The source goes on.
        case resume
        /// `user.quota` or `user.limits` are others.
        case quota
        /// The password is another; the user's connections were closed.
        case passwd
    }

    /// The first words of the topic.
    public static let topicPrefix = "v02.ctl"

    /// When the change was made.
    public var time: Timestamp
    /// What was done.
    public var action: Action
    /// The account that did it.
    public var by: String
    /// What holds for the user from now on.
    public var user: UserRecord

    /// Puts a message together.
    public init(_ action: Action, _ user: UserRecord, by: String, time: Timestamp = .now()) {
        self.time = time
        self.action = action
        self.by = by
        self.user = user
    }

    /// Reads a message. The error's code says which part is wrong.
    public init(_ message: WireMessage) throws(MessageError) {
        guard let word = Topic.words(of: message.topic, after: Self.topicPrefix) else {
            throw MessageError(.topic, "cannot read a control message with the topic \(MessageError.quote(message.topic))")
        }
        let json: JSONValue
        do { json = try JSONParser.parse(message.body) } catch {
            throw MessageError(.body, "cannot read a control message: \(error)")
        }
        guard let action = json["action"]?.string.flatMap(Action.init), word.utf8.elementsEqual(action.rawValue.utf8) else {
            throw MessageError(.body, "cannot read a control message: its action is unknown or another than its topic says")
        }
        guard let time = json["time"]?.string, let by = json["by"]?.string, let user = json["user"] else {
            throw MessageError(.body, "cannot read a control message: time, by or user is missing")
        }
        self.init(action, try UserRecord(user), by: by, time: try Timestamp(wire: time))
    }

    /// Reads a delivery of the control stream. What came by another exchange than `xctl`, where administrators alone publish, is nobody's
    /// word.
    init(_ delivery: Delivery) throws(MessageError) {
        if let defect = delivery.defect { throw MessageError(.text, defect) }
        guard delivery.exchange == ExchangeName.control, !delivery.isDeadLettered else {
            throw MessageError(.topic, "it came by exchange \(delivery.exchange)")
        }
        try self.init(delivery.message)
    }

    /// The form on the wire.
    public var wire: WireMessage {
        let body = JSONValue.object([
            "time": .string(time.wire), "action": .string(action.rawValue), "by": .string(by), "user": user.json,
        ])
        return WireMessage(topic: "\(Self.topicPrefix).\(action.rawValue)", body: body.text)
    }
}
