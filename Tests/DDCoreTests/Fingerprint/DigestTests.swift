import DDTestSupport
import Testing

@testable import DDCore

@Suite("digests")
struct DigestTests {
    static let seed = Seed()

    private func digest(_ algorithm: Digest.Algorithm, _ bytes: [UInt8]) throws -> [UInt8] {
        let digest = try Digest(algorithm)
        bytes.withUnsafeBytes { digest.update($0) }
        return digest.finish()
    }

    // RFC 1321, FIPS 180-4 and the XXH3 specification's reference program.
    @Test(
        "known vectors",
        arguments: [
            (Digest.Algorithm.md5, "", "d41d8cd98f00b204e9800998ecf8427e"),
            (.md5, "abc", "900150983cd24fb0d6963f7d28e17f72"),
            (.md5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (
                .sha512, "",
                "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                    + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
            ),
            (
                .sha512, "abc",
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
            ),
            (.xxh128, "", "99aa06d3014798d86001c324468d497f"),
            (.xxh128, "abc", "06b05ab6733a618578af5f94892f3950"),
        ])
    func vectors(algorithm: Digest.Algorithm, text: String, expected: String) throws {
        let value = try digest(algorithm, Array(text.utf8))
        #expect(Hexadecimal.text(value) == expected && value.count == algorithm.byteCount)
    }

    @Test("bytes that pass in pieces give what they give at once", arguments: Digest.Algorithm.allCases)
    func pieces(algorithm: Digest.Algorithm) throws {
        let digest = try Digest(algorithm)
        for number in 0..<200 {
            var random = Self.seed.generator(case: number)
            let bytes = (0..<Int.random(in: 0...5_000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            try digest.restart()
            var rest = bytes[...]
            while !rest.isEmpty || Bool.random(using: &random) {
                let count = min(rest.count, Int.random(in: 0...700, using: &random))
                rest.prefix(count).withUnsafeBytes { digest.update($0) }
                rest = rest.dropFirst(count)
            }
            let whole = try self.digest(algorithm, bytes)
            try #require(digest.finish() == whole, "\(Self.seed) case \(number)")
        }
    }

    @Test("one that was spent or given up can be used again", arguments: Digest.Algorithm.allCases)
    func again(algorithm: Digest.Algorithm) throws {
        let digest = try Digest(algorithm)
        for _ in 0..<3 {
            Array("given up".utf8).withUnsafeBytes { digest.update($0) }
            try digest.restart()
            Array("abc".utf8).withUnsafeBytes { digest.update($0) }
            #expect(digest.finish() == (try self.digest(algorithm, Array("abc".utf8))))
            try digest.restart()
        }
    }
}
