import Glibc
import Testing

@testable import DDCore

@Suite("stop signal")
struct StopSignalTests {
    private func isReadable(_ descriptor: Int32) -> Bool {
        var events = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&events, 1, 0) == 1
    }

    @Test("a reload wakes once, a stop for good")
    func flags() throws {
        let stop = try StopSignal()
        #expect(!stop.isRequested && stop.number == nil && !isReadable(stop.descriptor) && !stop.takeReload())
        stop.receive(SIGHUP)
        #expect(isReadable(stop.descriptor) && !isReadable(stop.endDescriptor) && !stop.isRequested)
        #expect(stop.takeReload())
        #expect(!stop.takeReload() && !isReadable(stop.descriptor))
        stop.receive(SIGTERM)
        #expect(stop.isRequested && stop.number == SIGTERM && isReadable(stop.descriptor))
        #expect(isReadable(stop.endDescriptor))
        #expect(!stop.takeReload() && isReadable(stop.descriptor))
    }

    @Test("while connecting, a signal may be let through, and errors keep their type")
    func connecting() throws {
        let stop = try StopSignal()
        let value = stop.whileConnecting(leave: { _ in nil }) {
            stop.receive(SIGINT)
            return 7
        }
        #expect(value == 7 && stop.number == SIGINT)
        #expect(
            failure { () throws(ConfigError) in
                try stop.whileConnecting(leave: { _ in nil }) { () throws(ConfigError) in throw ConfigError(.usage, "x") }
            } == "64: x")
    }

    // Found before: two pumps of one program shared one slot, and one that was connecting ended the process under the other's transfers.
    @Test("a part of the program that connects does not end it while another part has something to drain")
    func parties() throws {
        let stop = try StopSignal()
        let asked = Guarded(0)
        let value = stop.whileWorking {
            stop.whileWorking {
                stop.whileConnecting(leave: { _ in (ExitStatus.done, "the process must not end here") }) {
                    stop.receive(SIGTERM)
                    return 7
                }
            }
        }
        #expect(value == 7 && stop.number == SIGTERM)
        // With all of them connecting each is asked.
        let other = try StopSignal()
        let ask: StopSignal.Leave = { _ in
            asked.withLock { $0 += 1 }
            return nil
        }
        other.whileWorking {
            other.whileWorking {
                other.whileConnecting(leave: ask) { other.whileConnecting(leave: ask) { other.receive(SIGTERM) } }
            }
        }
        #expect(asked.withLock { $0 } == 2)
    }

    @Test("an eventfd is readable from signal to drain")
    func eventFD() throws {
        let event = try EventFD()
        #expect(!isReadable(event.descriptor))
        event.signal()
        event.signal()
        #expect(isReadable(event.descriptor))
        event.drain()
        #expect(!isReadable(event.descriptor))
        event.drain()
    }
}
