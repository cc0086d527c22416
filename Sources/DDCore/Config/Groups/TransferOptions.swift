/// The settings of transfers: whom to trust, which way to go, when to give up.
public struct TransferOptions: Sendable {
    /// The accounts of data servers.
    public var credentials = Credentials()
    /// The broker that posts come from, with the account: from that its switch's web server knows it, for private data (`WebSecret`).
    public var account: BrokerURL?
    /// PEM file of the authorities that may have signed the certificate of an https or ftps server.
    public var caFile = TransferOptions.standardCAFile
    /// The host keys of sftp servers, in the form of ssh.
    public var knownHosts = ""
    /// Proxies for http and https.
    public var proxies = ProxyChoice()
    /// A transfer that is slower, in bytes per second, over `lowSpeedTime`, is given up.
    public var lowSpeedLimit: Int64 = 128
    /// Seconds.
    public var lowSpeedTime: Double = 60

    private static let standardCAFile = "/etc/ssl/certs/ca-certificates.crt"

    /// The defaults, without accounts, host keys and proxies.
    public init() {}

    init(_ loaded: Loader.Loaded) throws(ConfigError) {
        let settings = loaded.settings
        credentials = loaded.credentials
        caFile = try settings.text("data_cafile")
        let home = loaded.environment["HOME"] ?? ""
        knownHosts = try settings.text("known_hosts")
        if knownHosts.hasPrefix("~/") { knownHosts = home + knownHosts.dropFirst() }
        let proxy = settings.given("proxy")
        do throws(ConfigError) {
            proxies = try ProxyChoice(option: proxy?.value, loaded.environment, credentials)
        } catch { throw error.placed(at: proxy?.origin ?? .builtIn) }
        lowSpeedLimit = try settings.size("low_speed_limit")
        lowSpeedTime = try settings.duration("low_speed_time").inSeconds
    }

    /// The part of a table.
    static let options = [
        OptionSpec(
            "data_cafile", [], .text, value: "FILE", default: standardCAFile,
            "PEM file of the authorities trusted for https and ftps"),
        OptionSpec("known_hosts", [], .text, value: "FILE", default: "~/.ssh/known_hosts", "host keys of sftp servers"),
        OptionSpec("proxy", [], .text, value: "URL|none", "proxy for http and https (default as the environment says)"),
        OptionSpec(
            "low_speed_limit", [], .size, value: "BYTES", default: "128", "a transfer slower than this, in a second, is given up"),
        OptionSpec(
            "low_speed_time", [], .duration(bareUnit: .seconds), value: "TIME", default: "60s",
            "over how long that is measured"),
    ]
}
