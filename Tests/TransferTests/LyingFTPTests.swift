import DDCore
import DDTestSupport
import DDTransfer
import Glibc
import Testing

/// ftp servers that say that their data is elsewhere.
@Suite("an ftp server that lies", .serialized)
struct LyingFTPTests {
    private let bytes = Array("what was announced".utf8)

    @Test("an answer to PASV that names another host is not followed: the data comes from the host that was asked")
    func otherHost() throws {
        // 127.0.0.2 is another host with a port of its own for each service; nobody may call there.
        let server = try LyingFTPServer(bytes, data: .address("127.0.0.2"))
        let fetched = try Fetched("ftp://127.0.0.1:\(server.port)/file", size: Int64(bytes.count))
        #expect(fetched.brought(bytes), "\(fetched) \(server.commands)")
        #expect(server.commands.contains("PASV"), "\(server.commands)")
        // Addresses that a connection to would take long, or be somebody's.
        for address in ["192.0.2.1", "10.255.255.1", "224.0.0.1", "0.0.0.0", "255.255.255.255"] {
            let lying = try LyingFTPServer(bytes, data: .address(address))
            let fetched = try Fetched("ftp://127.0.0.1:\(lying.port)/file", size: Int64(bytes.count))
            #expect(fetched.brought(bytes), "\(address): \(fetched)")
        }
    }

    @Test("a port where nobody listens is a passing failure with one clear line; nothing of the file is there")
    func closedPort() throws {
        let nobody = try #require(FreePort.find())
        let server = try LyingFTPServer(bytes, data: .port(nobody))
        let url = "ftp://127.0.0.1:\(server.port)/file"
        let fetched = try Fetched(url, size: Int64(bytes.count))
        #expect(
            fetched.failed(.unreachable, "127.0.0.1:\(server.port)") && fetched.bytes.isEmpty, "\(fetched) \(server.commands)")
        let acquisition = try Acquisition(bytes)
        #expect(try acquisition.run(url, by: TransportFetcher(TransferOptions())).isClear(.unreachable, "\(server.port)"))
        #expect(acquisition.isUntouched)
    }

    @Test(
        "an answer that the server itself calls passing is no refusal: the post is tried again",
        arguments: ["421 too many here", "425 no data connection", "426 cut", "450 busy", "451 local error"])
    func passing(answer: String) throws {
        let server = try LyingFTPServer(bytes, refusal: answer)
        let fetched = try Fetched("ftp://127.0.0.1:\(server.port)/file", size: Int64(bytes.count))
        // libcurl calls 421 a timeout.
        let code: TransferError.Code = answer.hasPrefix("421") ? .unreachable : .temporary
        #expect(fetched.failed(code, String(answer.prefix(3))) && fetched.bytes.isEmpty, "\(fetched) \(server.commands)")
    }

    @Test("an answer that is final ends the post", arguments: ["550 not here", "553 not for you"])
    func final(answer: String) throws {
        let server = try LyingFTPServer(bytes, refusal: answer)
        let fetched = try Fetched("ftp://127.0.0.1:\(server.port)/file", size: Int64(bytes.count))
        #expect(fetched.failed(answer.hasPrefix("550") ? .gone : .refused, "127.0.0.1"), "\(fetched) \(server.commands)")
    }

    @Test("a port of another service of that host brings no wrong byte under the file's name")
    func otherService() throws {
        let other = try LyingServer { _ in .http(200) }
        let server = try LyingFTPServer(bytes, data: .port(other.port))
        var options = TransferOptions()
        options.lowSpeedTime = 1
        let acquisition = try Acquisition(bytes)
        let error = try acquisition.run("ftp://127.0.0.1:\(server.port)/file", by: TransportFetcher(options))
        #expect(error != nil && acquisition.isUntouched, "\(error as Any) \(server.commands)")
        #expect(other.requests.isEmpty)
    }
}
