/// A message as the broker carries it: topic, body and string headers, not yet understood.
public struct WireMessage: Sendable, Equatable {
    /// The routing key, at most 255 bytes of UTF-8.
    public var topic: String
    /// The AMQP header table; only strings travel.
    public var headers: Headers
    /// UTF-8 text.
    public var body: String

    /// Puts the three together; nothing is checked.
    public init(topic: String, headers: Headers = [:], body: String) {
        self.topic = topic
        self.headers = headers
        self.body = body
    }

    /// Its topic is that of a post in one of the forms that are read; what is none may hold a secret.
    var isPost: Bool { ["v02.post", "v03", "v00.", "v01.post"].contains { topic.utf8.starts(with: $0.utf8) } }
}

/// String headers in the order in which they were written. Few per message: looked up by walking.
public struct Headers: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// The headers, names not repeated.
    public private(set) var fields: [(name: String, value: String)]

    /// Headers in the order of the literal.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { (name: $0.0, value: $0.1) }
    }

    /// The value of the header called `name`; `nil` when absent, and setting `nil` removes it.
    public subscript(name: String) -> String? {
        get { fields.first { $0.name == name }?.value }
        set {
            let index = fields.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): fields[index].value = value
            case (let index?, nil): fields.remove(at: index)
            case (nil, let value?): fields.append((name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Adds a header without looking for one of the same name.
    mutating func append(_ name: String, _ value: String) {
        fields.append((name: name, value: value))
    }

    /// Equal when the same names have the same values, whatever the order.
    public static func == (left: Headers, right: Headers) -> Bool {
        left.fields.count == right.fields.count && left.fields.allSatisfy { right[$0.name] == $0.value }
    }
}
