import CRabbitMQ
import Glibc

/// How to reach a broker, beyond its URL.
public struct BrokerSettings: Sendable {
    /// Host, port, vhost, account.
    public var url: BrokerURL
    /// Seconds between heartbeats; the broker gives the connection up after two are missed. 0: none.
    public var heartbeat: Int
    /// PEM file of the authorities that may have signed an amqps broker's certificate.
    public var authorities: String
    /// Shown in the broker's lists of connections.
    public var name: String

    /// Settings for the broker at `url`; `name` is what the broker shows for the connection.
    public init(url: BrokerURL, name: String, heartbeat: Int = 60, authorities: String = "/etc/ssl/certs/ca-certificates.crt") {
        self.url = url
        self.name = name
        self.heartbeat = heartbeat
        self.authorities = authorities
    }
}

/// One AMQP connection with its channel 1. Owns the handle: made, used and closed on one thread.
///
/// It is not `Sendable`, and that is the guard: the compiler refuses to hand it to another thread.
final class AMQPConnection {
    let handle: amqp_connection_state_t
    let settings: BrokerSettings
    /// Set between `connection.blocked` and `connection.unblocked`: the broker is short of memory or disk and reads no publishes.
    var isBlocked = false
    private(set) var isOpen = false

    /// Connects, verifies (amqps), logs in and opens channel 1 (`amqp_socket_open_noblock`, `amqp_login_with_properties`,
    /// `amqp_channel_open`). Waits at most `timeout` seconds for the connection and as long for the login.
    init(_ settings: BrokerSettings, timeout: Int = 10) throws(BrokerError) {
        guard let handle = amqp_new_connection() else {
            throw BrokerError(.lost, "cannot make a connection to \(settings.url): out of memory")
        }
        self.handle = handle
        self.settings = settings
        // From here on `deinit` frees the handle, also when a step below throws.
        try open(timeout: timeout)
    }

    deinit {
        amqp_destroy_connection(handle)
    }

    /// The socket, for `poll`.
    var descriptor: Int32 { amqp_get_sockfd(handle) }

    /// Milliseconds within which the connection must be touched so that heartbeats are sent in time; -1 when there are none.
    var touchInterval: Int32 { settings.heartbeat > 0 ? Int32(clamping: settings.heartbeat * 1000 / 4) : -1 }

    /// The beginning of an error line about this broker.
    func attempt(_ what: String) -> String { "\(what) on \(settings.url)" }

    /// Says goodbye (`amqp_connection_close`); a connection that is not closed is just dropped by `deinit`.
    func close() {
        guard isOpen else { return }
        isOpen = false
        // The reply may take long on a dying network.
        limitAnswers(to: 2)
        _ = amqp_connection_close(handle, AMQP_REPLY_SUCCESS)
    }

    /// Seconds that the broker may take for an answer when it is busy; heartbeats tell whether it is alive.
    static let patience = 60

    /// From now on the broker has so many seconds for each answer (`amqp_set_rpc_timeout`).
    func limitAnswers(to seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        amqp_set_rpc_timeout(handle, &limit)
    }

    /// Frames larger than agreed with the broker are read, too (`amqp_tune_connection`): it adds headers of its own (`x-death`) to what a
    /// publisher has filled a frame with, and sends the larger frame; librabbitmq takes that for the end of the connection. For
    /// connections that publish nothing: what is sent must keep to what was agreed.
    func readLargeFrames() throws(BrokerError) {
        let status = amqp_tune_connection(
            handle, amqp_get_channel_max(handle), Self.largeFrame, amqp_get_heartbeat(handle))
        try AMQPReply.check(status, attempt("cannot set the size of frames"))
    }

    /// Bytes; memory is used for what comes, not for this.
    private static let largeFrame: Int32 = 16 << 20

    /// Runs `body` while the kernel fills its packets with what is sent (`TCP_CORK`): many small frames are few packets, which is most of
    /// their cost here and at the broker. Nothing is held back when it returns.
    func fillingPackets(_ body: () throws(BrokerError) -> Void) throws(BrokerError) {
        cork(1)
        defer { cork(0) }
        try body()
    }

    private func cork(_ value: Int32) {
        var value = value
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// What a method frame that nobody asked for means: throws for closes, keeps `isBlocked`, passes over the rest.
    func handleUnexpected(_ method: amqp_method_t, _ doing: String) throws(BrokerError) {
        switch method.id {
        case AMQP_CONNECTION_BLOCKED_METHOD: isBlocked = true
        case AMQP_CONNECTION_UNBLOCKED_METHOD: isBlocked = false
        case AMQP_CHANNEL_CLOSE_METHOD, AMQP_CONNECTION_CLOSE_METHOD:
            throw AMQPReply.closed(by: method, attempt(doing))
        case AMQP_BASIC_CANCEL_METHOD:
            throw BrokerError(.lost, "\(attempt(doing)): the queue was deleted or moved, the broker cancelled the consumer")
        default: break
        }
    }

    /// Runs `body` with a channel that is opened for it and closed after it: what the broker refuses there closes that channel, and
    /// channel 1 goes on.
    func withSecondChannel<T>(_ body: (UInt16) throws(BrokerError) -> T) throws(BrokerError) -> T {
        let channel: UInt16 = 2
        // What waits for an answer must not wait for a full packet.
        cork(0)
        amqp_channel_open(handle, channel)
        try AMQPReply.check(amqp_get_rpc_reply(handle), attempt("cannot open a second channel"))
        let value: T
        do {
            value = try body(channel)
        } catch  where [.refused, .noSuchObject, .mismatch].contains(error.code) {
            var ok = amqp_channel_close_ok_t()
            amqp_send_method(handle, channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok)
            throw error
        }
        try AMQPReply.check(amqp_channel_close(handle, channel, AMQP_REPLY_SUCCESS), attempt("cannot close a channel"))
        return value
    }

    private func open(timeout: Int) throws(BrokerError) {
        let url = settings.url
        let doing = "cannot connect to \(url)"
        let socket: OpaquePointer?
        if url.isTLS {
            socket = amqp_ssl_socket_new(handle)
            amqp_ssl_socket_set_verify_peer(socket, 1)
            amqp_ssl_socket_set_verify_hostname(socket, 1)
            guard amqp_ssl_socket_set_cacert(socket, settings.authorities) == AMQP_STATUS_OK.rawValue else {
                throw BrokerError(
                    .untrusted,
                    "\(doing): cannot read the certificates of authorities in \(settings.authorities); see option cafile")
            }
        } else {
            socket = amqp_tcp_socket_new(handle)
        }
        guard socket != nil else { throw BrokerError(.lost, "\(doing): out of memory") }
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        amqp_set_handshake_timeout(handle, &limit)
        amqp_set_rpc_timeout(handle, &limit)
        try AMQPReply.check(amqp_socket_open_noblock(socket, url.host, Int32(url.port), &limit), doing)

        let capabilities = AMQPScratch()
        _ = capabilities.put("connection.blocked", true)
        _ = capabilities.put("consumer_cancel_notify", true)
        _ = capabilities.put("authentication_failure_close", true)
        let properties = AMQPScratch()
        _ = properties.put("product", "dd")
        _ = properties.put("connection_name", settings.name)
        _ = properties.put("capabilities", table: capabilities.table)
        var table = properties.table
        let reply = dd_amqp_login_plain(
            handle, url.vhost, 0, 131_072, Int32(settings.heartbeat), &table, url.user, url.password.reveal())
        withExtendedLifetime((capabilities, properties)) {}
        try AMQPReply.check(reply, "cannot log in: \(doing)")
        isOpen = true
        amqp_channel_open(handle, 1)
        try AMQPReply.check(amqp_get_rpc_reply(handle), attempt("cannot open a channel"))
        limitAnswers(to: Self.patience)
    }
}
