import DDCore
import Testing

@Suite("passwords as the broker keeps them")
struct PasswordHashTests {
    @Test("the example of RabbitMQ's own documentation comes out")
    func example() {
        #expect(PasswordHash.rabbitMQ("test12", salt: 0x908D_C60A) == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR")
    }

    @Test("two hashes of one password differ")
    func salted() {
        let hashes = (0..<8).map { _ in PasswordHash.rabbitMQ("secret") }
        #expect(Set(hashes).count > 1)
    }
}
