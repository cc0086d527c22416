import DDCore

/// The commands for users and operators, who have no account on the management API: a message on their own exchange, on which
/// `dd_switch requests` acts.
enum Asking {
    static func run(_ invocation: AdminInvocation, _ environment: [String: String]) throws -> Int32 {
        let options = try RequestOptions.load(invocation, environment: environment)
        let broker = BrokerSettings(options.broker, options.common)
        switch invocation.verb {
        case .passwd:
            let password = try PasswordSource(invocation.settings).chosenPassword(for: options.broker.user)
            if let failure = failure(of: .passwd(hash: password.hash, web: password.webHash(for: options.broker.user)), broker) {
                // The switch ends the user's connections with the old password, this one as well, it may be before the broker confirms.
                let seconds = min(5, options.common.wait?.inSeconds ?? 5)
                guard failure.isTemporary, (try? RequestSender.accepts(password, broker, seconds: seconds)) == true else {
                    throw failure
                }
            }
            guard try RequestSender.accepts(password, broker, seconds: options.common.wait?.inSeconds) else {
                let why = "asked for, not done yet: the old password holds until dd_switch requests runs on the switch"
                throw SwitchError("new password of \(options.broker.user): \(why)", status: ExitStatus.failed)
            }
            print("the new password of \(options.broker.user) holds")
        default:
            try RequestSender.send(options.request(invocation), broker)
            print("asked for: \(invocation.operands.joined(separator: " "))")
        }
        return ExitStatus.done
    }

    private static func failure(of request: UserRequest, _ broker: BrokerSettings) -> BrokerError? {
        do throws(BrokerError) { try RequestSender.send(request, broker) } catch { return error }
        return nil
    }
}
