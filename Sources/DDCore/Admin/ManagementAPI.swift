/// RabbitMQ's management API, version 3.10 and newer, as far as the administrator's tool uses it. `send` carries a request there.
public struct ManagementAPI {
    /// The vhost of the switch.
    public let vhost: String
    /// Where the API is, without password, for errors.
    public let address: String
    private let send: (ManagementRequest) throws -> ManagementAnswer

    /// An API behind `send`, which throws when there was no answer.
    public init(address: String, vhost: String, send: @escaping (ManagementRequest) throws -> ManagementAnswer) {
        self.address = address
        self.vhost = vhost
        self.send = send
    }

    /// What is at an address; `nil` when nothing is.
    func get(_ request: ManagementRequest) throws -> JSONValue? {
        let answer = try send(request)
        if answer.status == 404 { return nil }
        try check(answer, request)
        return answer.body
    }

    /// What is at an address made of `words`; throws when nothing is.
    func get(_ words: String..., query: String = "") throws -> JSONValue {
        let request = ManagementRequest("GET", words, query: query)
        guard let found = try get(request) else { throw fault(request, "it is not there (404)", ExitStatus.configuration) }
        return found
    }

    /// The object as it is on the broker; `nil` when it is not there.
    func find(_ object: BrokerObject) throws -> BrokerObject? {
        try get(object.inquiry(vhost: vhost)).flatMap(object.found)
    }

    /// Makes an object or changes it.
    func make(_ object: BrokerObject) throws {
        for request in object.making(vhost: vhost) {
            // A limit that is not there need not be taken away.
            let answer = try send(request)
            if request.method == "DELETE" && answer.status == 404 { continue }
            try check(answer, request)
        }
    }

    /// Takes an object away; it may be gone already.
    func remove(_ object: BrokerObject) throws {
        let request = object.removal(vhost: vhost)
        let answer = try send(request)
        if answer.status != 404 { try check(answer, request) }
    }

    /// Closes all connections of a user; how many there were is not said.
    func closeConnections(of user: String) throws {
        let words = ["connections", "username", user]
        let request = ManagementRequest("DELETE", words)
        let answer = try send(request)
        if answer.status != 404 { try check(answer, request) }
    }

    /// Publishes on an exchange of the switch; whether a queue took it.
    func publish(_ message: WireMessage, to exchange: String) throws -> Bool {
        let request = ManagementRequest(
            "POST", ["exchanges", vhost, exchange, "publish"],
            body: .object([
                "properties": .object(["delivery_mode": .integer(2), "content_type": .string("application/json")]),
                "routing_key": .string(message.topic), "payload": .string(message.body), "payload_encoding": .string("string"),
            ]))
        let answer = try send(request)
        try check(answer, request)
        return answer.body["routed"]?.bool ?? false
    }

    /// Messages that wait in a queue; `nil` when it is not there.
    func messages(in queue: String) throws -> Int64? {
        try get(ManagementRequest("GET", ["queues", vhost, queue], query: "?columns=messages"))?["messages"]?.integer
    }

    /// The oldest messages of a queue, which stay in it: at most `count`, of each body at most 10,000 bytes.
    func peek(_ queue: String, count: Int64) throws -> [JSONValue] {
        let request = ManagementRequest(
            "POST", ["queues", vhost, queue, "get"],
            body: .object([
                "count": .integer(count), "ackmode": .string("ack_requeue_true"), "encoding": .string("auto"),
                "truncate": .integer(10_000),
            ]))
        let answer = try send(request)
        try check(answer, request)
        return answer.body.array ?? []
    }

    /// Takes all that waits out of a queue.
    func purge(_ queue: String) throws {
        let request = ManagementRequest("DELETE", ["queues", vhost, queue, "contents"])
        try check(send(request), request)
    }

    private func check(_ answer: ManagementAnswer, _ request: ManagementRequest) throws {
        switch answer.status {
        case 200..<300: return
        case 401:
            throw fault(request, "user or password is not accepted, or the account may not use it (401)", ExitStatus.refused)
        case 403: throw fault(request, "the account may not do that (403)", ExitStatus.refused)
        default:
            let reason = answer.body["reason"]?.string ?? answer.body["error"]?.string ?? "no reason is given"
            throw fault(request, "\(LogLine.plain(reason)) (\(answer.status))", ExitStatus.failed)
        }
    }

    private func fault(_ request: ManagementRequest, _ why: String, _ status: Int32) -> ManagementError {
        ManagementError("\(request.method) \(request.path) on \(address): \(why)", status: status)
    }
}
