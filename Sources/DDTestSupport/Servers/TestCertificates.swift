/// An authority for one test, and the certificates that it signs: openssl(1).
public struct TestCertificates: Sendable {
    private static let program = "/usr/bin/openssl"
    private let files: TemporaryFolder

    /// Makes an authority.
    public init() throws {
        files = try TemporaryFolder()
        try Tool.run(
            Self.program,
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj"]
                + ["/CN=an authority of a test", "-keyout", "ca.key", "-out", "ca.pem"], in: files)
    }

    /// The authority's certificate (PEM): what clients are to trust.
    public var authority: String { files.path("ca.pem") }

    /// A server's certificate and key (PEM) for `name`, an address or a name.
    public func server(_ name: String) throws -> (certificate: String, key: String) {
        let isAddress = name.utf8.allSatisfy { 0x30...0x39 ~= $0 || $0 == 0x2e }
        try files.write("subjectAltName=\(isAddress ? "IP" : "DNS"):\(name)\n", to: name + ".ext")
        try Tool.run(
            Self.program,
            ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=a server"]
                + ["-keyout", name + ".key", "-out", name + ".csr"], in: files)
        try Tool.run(
            Self.program,
            ["x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"]
                + ["-extfile", name + ".ext", "-out", name + ".pem"], in: files)
        return (files.path(name + ".pem"), files.path(name + ".key"))
    }
}
