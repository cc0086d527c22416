import Glibc
import Testing

@testable import DDCore

@Suite("what is done about an error that ended the work on a post")
struct VerdictTests {
    /// The code that is reported; `nil` when the post is tried again.
    private func code(_ error: any Error, attempt: Int, age: Double = 0, patience: Double = 100) -> Int? {
        switch Verdict.on(error, attempt: attempt, age: age, patience: patience) {
        case .report(let status):
            #expect(status.isFailure && status.message == "\(error)")
            return status.code
        case .retry(let seconds):
            #expect(seconds > 0 && seconds <= 75)
            return nil
        case .postpone:
            Issue.record("it was tried")
            return nil
        }
    }

    @Test(
        "a file that is not there, or not what was announced, is tried three times",
        arguments: [(TransferError.Code.gone, 404), (.wrongLength, 499), (.wrongSum, 499)])
    func late(kind: TransferError.Code, reported: Int) {
        let error = TransferError(kind, "why")
        for attempt in 0..<2 { #expect(code(error, attempt: attempt) == nil) }
        for attempt in [2, 3, 1_000] { #expect(code(error, attempt: attempt) == reported) }
    }

    @Test(
        "what will not change is reported at once",
        arguments: [(TransferError.Code.refused, 499), (.changed, 409), (.notAllowed, 403), (.unsupported, 503)])
    func final(kind: TransferError.Code, reported: Int) {
        #expect(code(TransferError(kind, "why"), attempt: 0) == reported)
    }

    @Test(
        "a failure of the network is tried again until patience ends, however often",
        arguments: [TransferError.Code.temporary, .unreachable])
    func temporary(kind: TransferError.Code) {
        let error = TransferError(kind, "why")
        #expect(code(error, attempt: 0, age: 0) == nil)
        #expect(code(error, attempt: 10_000, age: 99.9) == nil)
        #expect(code(error, attempt: 0, age: 100) == 499)
        #expect(code(error, attempt: 0, age: 0, patience: 0) == 499)
    }

    @Test("what was not tried, because its server is closed, waits until that may be tried, and is reported when patience ends")
    func closed() {
        let error = Servers.Closed(server: "http://h", wait: 7)
        guard case .postpone(after: 7) = Verdict.on(error, attempt: 0, age: 99, patience: 100) else {
            Issue.record("not postponed")
            return
        }
        #expect(code(error, attempt: 0, age: 100) == 499)
    }

    @Test("a program that asks for another call is called again in a minute, until patience ends")
    func later() {
        let error = Triggers.Later(description: "why")
        #expect(code(error, attempt: 1_000, age: 99) == nil)
        guard case .report(let status) = Verdict.on(error, attempt: 0, age: 100, patience: 100) else {
            Issue.record("not reported")
            return
        }
        #expect(status.code == 424)
    }

    // Found before: the last kind was tried without an end, and nobody was told.
    @Test("a path that is not allowed is reported; what the administrator can mend stays with the broker until patience ends")
    func files() {
        #expect(code(FileError(.notAllowed, "why"), attempt: 0) == 403)
        #expect(code(FileError(.tooLarge, "why"), attempt: 0) == 413)
        for kind in [FileError.Code.busy, .noSpace, .missing, .system] {
            #expect(code(FileError(kind, "why"), attempt: 10_000, age: 99) == nil)
            #expect(code(FileError(kind, "why"), attempt: 0, age: 100) == 499)
        }
    }

    @Test(
        "the system's numbers fall into their kinds",
        arguments: [
            (ENOENT, FileError.Code.missing), (ENOSPC, .noSpace), (EDQUOT, .noSpace), (ELOOP, .notAllowed),
            (ENOTDIR, .notAllowed),
            (EXDEV, .notAllowed), (EACCES, .system), (EIO, .system), (EINVAL, .notAllowed), (EILSEQ, .notAllowed),
            (ENAMETOOLONG, .notAllowed), (ENOLCK, .system), (EFBIG, .tooLarge),
        ])
    func numbers(number: Int32, kind: FileError.Code) {
        #expect(FileError("cannot try", errno: number).code == kind)
    }

    @Test("waits double up to a minute, give or take a quarter")
    func waits() {
        for attempt in [0, 1, 3, 5, 6, 7, 64, Int.max] {
            guard case .retry(let seconds) = Verdict.on(FileError(.busy, "why"), attempt: attempt, age: 0, patience: 1) else {
                Issue.record("not tried again")
                return
            }
            let middle = attempt < 6 ? Double(1 << attempt) : 60
            #expect(seconds >= middle * 0.75 && seconds <= middle * 1.25, "attempt \(attempt)")
        }
    }
}
