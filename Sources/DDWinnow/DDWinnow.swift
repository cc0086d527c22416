import DDCore
import Glibc

/// `dd_winnow`: passes on the first post of each file from several sources that announce the same.
public enum DDWinnow {
    /// Does what the command line asks for, and ends the process.
    public static func main() {
        ConfiguredProgram<WinnowOptions>.main(cleanUp: cleanUp) { program in
            let stop = try StopSignal.install()
            return try program.run(until: stop) { options in
                let intake = try WinnowIntake(options)
                let pump = try Pump(PumpSettings(options), intake: intake, stop: stop, log: options.common.log)
                pump.introduces = true
                pump.ended = { intake.tell() }
                return pump
            }
        }
    }

    private static func cleanUp(_ options: WinnowOptions) throws {
        let state = try QueueState(user: options.source.broker.user, common: options.common, chosen: options.queue.name)
        if state.isKnown { try Cleanup.delete([state.name], on: BrokerSettings(options.source.broker, options.common)) }
        state.forget()
        unlink(options.memory)
    }
}
