/// Runs pumps, or other long work, one after the other, each with the configuration as it was read last.
public final class ReloadingRun<Options: Sendable> {
    private let stop: StopSignal
    private let load: () throws -> Options
    private let make: (Options) throws -> any ReloadableService

    /// At a SIGHUP `load` reads the configuration; `make` builds the work for one.
    public init(stop: StopSignal, load: @escaping () throws -> Options, make: @escaping (Options) throws -> any ReloadableService)
    {
        self.stop = stop
        self.load = load
        self.make = make
    }

    /// Runs until one ends that is not to be followed by another. A new configuration that cannot be read, or with which the broker
    /// does not let us in, is said, and the old one goes on. `says` hears what is done, `tells` how much. Returns the exit status.
    public func run(
        _ first: Options, says: @escaping (WorkState) -> Void, tells: ((FlowFigures) -> Void)?, log: Log
    ) throws -> Int32 {
        var (current, previous) = (first, nil as Options?)
        var hasFailed = false
        while true {
            var next: Options?
            var work: (any ReloadableService)?
            do {
                let made = try make(current)
                work = made
                (made.says, made.tells) = (says, tells)
                made.reload = {
                    do {
                        next = try self.load()
                        log.notice("the configuration was read again")
                    } catch {
                        log.error("\(error); the old configuration goes on")
                    }
                    return next != nil
                }
                let tally = try made.run()
                hasFailed = hasFailed || tally.failed > 0
                guard let wanted = next, !stop.isRequested else {
                    // What waits for another try when it is told to stop waits on the broker, and goes on at the next start.
                    return hasFailed || tally.waiting > 0 && !stop.isRequested ? ExitStatus.failed : ExitStatus.done
                }
                (current, previous) = (wanted, current)
            } catch {
                guard let old = previous, work?.wasConnected != true else { throw error }
                log.error("\(error); the old configuration goes on")
                (current, previous) = (old, nil)
            }
        }
    }
}
