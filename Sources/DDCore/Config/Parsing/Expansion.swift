import Glibc

/// Replaces `${NAME}` in values.
struct Expansion: Sendable {
    /// The process's environment.
    var environment: [String: String]
    /// `${HOSTNAME}`.
    var hostname: String
    /// `${CONFIG}`: the configuration's name, `nil` where there is none.
    var configuration: String?
    /// `${BROKER_USER}`, `nil` as long as the broker is not known.
    var brokerUser: String?
    /// The time of `${%...}`, in seconds since 1970; dates are in UTC.
    var now: Int

    /// The name of this machine.
    static func localHostname() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// `text` with all variables replaced; with `keepDates`, `${%...}` stays. An unknown variable is an error.
    func expand(_ text: String, keepDates: Bool = false) throws(ConfigError) -> String {
        try Expansion.replace(text) { (name) throws(ConfigError) in
            if name.hasPrefix("%") { return keepDates ? nil : Expansion.date(name, now) }
            return try value(of: name)
        }
    }

    /// `text` with `${%...}` replaced and everything else untouched.
    static func dated(_ text: String, now: Int) -> String {
        do throws(ConfigError) {
            return try replace(text) { (name) throws(ConfigError) in name.hasPrefix("%") ? date(name, now) : nil }
        } catch { return text }
    }

    private func value(of name: String) throws(ConfigError) -> String {
        switch name {
        case "HOSTNAME": return hostname
        case "BROKER_USER":
            guard let brokerUser else { throw ConfigError(.configuration, "'${BROKER_USER}' is not known: no broker is given") }
            return brokerUser
        case "CONFIG":
            guard let configuration else {
                throw ConfigError(.configuration, "'${CONFIG}' is not known: there is no configuration")
            }
            return configuration
        default:
            guard let value = environment[name] else {
                throw ConfigError(.configuration, "unknown variable '${\(name)}': it is not in the environment")
            }
            return value
        }
    }

    private static func replace(
        _ text: String, _ value: (String) throws(ConfigError) -> String?
    ) throws(ConfigError) -> String {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            guard rest.hasPrefix("${") else {
                result.append(rest.removeFirst())
                continue
            }
            guard let end = rest.firstIndex(of: "}") else {
                throw ConfigError(.configuration, "'${' without '}' in '\(Redaction.masked(text))'")
            }
            result += try value(String(rest[..<end].dropFirst(2))) ?? String(rest[...end])
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private static func date(_ format: String, _ now: Int) -> String {
        var seconds = time_t(now)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var buffer = [CChar](repeating: 0, count: 256)
        let count = strftime(&buffer, buffer.count, format, &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
