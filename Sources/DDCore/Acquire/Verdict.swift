import Glibc

/// What to do about an error that ended the work on one post.
enum Verdict {
    /// Say so to the source and let it go.
    case report(Status)
    /// Keep it and try again after so many seconds.
    case retry(after: Double)
    /// It was not tried: try it after so many seconds.
    case postpone(after: Double)

    /// Tries of a post whose file is not there or not what was announced, before it counts: several data nodes and network file systems
    /// show a new file late.
    static let triesBeforeGone = 3

    /// The table of all errors that can end the work on one post. `attempt` counts from 0; `age` is how long it has been tried, in
    /// seconds, and `patience` how long it may be.
    static func on(_ error: any Error, attempt: Int, age: Double, patience: Double) -> Verdict {
        switch error {
        case let error as TransferError:
            switch error.code {
            case .gone:
                attempt + 1 < triesBeforeGone
                    ? .retry(after: Backoff.pause(afterTry: attempt)) : .report(Status(404, error.description))
            case .wrongLength, .wrongSum:
                attempt + 1 < triesBeforeGone
                    ? .retry(after: Backoff.pause(afterTry: attempt)) : .report(Status(499, error.description))
            case .refused: .report(Status(499, error.description))
            case .tooLarge: .report(Status(413, error.description))
            case .changed: .report(Status(409, error.description))
            case .notAllowed: .report(Status(403, error.description))
            case .unsupported: .report(Status(503, error.description))
            case .temporary, .unreachable:
                age < patience ? .retry(after: Backoff.pause(afterTry: attempt)) : .report(Status(499, error.description))
            }
        case let error as Servers.Closed:
            age < patience ? .postpone(after: error.wait) : .report(Status(499, error.description))
        case is Triggers.Later:
            age < patience ? .retry(after: 60) : .report(Status(424, "a program said 'later' for longer than retry_ttl"))
        case let error as OverQuota: .report(Status(413, error.description))
        case let error as Triggers.StillWorks:
            age < patience ? .retry(after: min(5, Backoff.pause(afterTry: attempt))) : .report(Status(424, error.description))
        case let error as FileError:
            switch error.code {
            // A directory in which something is on its way that will not stay.
            case .notAllowed where error.errno == ENOTEMPTY && attempt + 1 < triesBeforeGone:
                .retry(after: Backoff.pause(afterTry: attempt))
            case .notAllowed: .report(Status(403, error.description))
            case .tooLarge: .report(Status(413, error.description))
            // A full disk or a lost permission is the administrator's to mend: the post stays with the broker until it is, or until its
            // source has to be told.
            case .busy, .noSpace, .missing, .system:
                age < patience ? .retry(after: Backoff.pause(afterTry: attempt)) : .report(Status(499, error.description))
            }
        default:
            age < patience ? .retry(after: Backoff.pause(afterTry: attempt)) : .report(Status(499, "\(error)"))
        }
    }
}
