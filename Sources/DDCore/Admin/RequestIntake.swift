/// Carries out what users and operators ask, over the management API: is the sender the account that it names, and may that account ask for
/// it? On the pump's thread: requests are few, and each is over in some milliseconds.
public final class RequestIntake: Intake {
    private let administration: Administration
    private let log: Log
    private let giveUp: (any Error) -> Never

    /// An intake that works through `administration`. `giveUp` ends the program when the API cannot be reached: the request is not
    /// acknowledged then, and comes again to the next one.
    public init(_ administration: Administration, log: Log, giveUp: @escaping (any Error) -> Never) {
        self.administration = administration
        self.log = log
        self.giveUp = giveUp
    }

    /// See `Intake`.
    public func consider(_ delivery: Delivery) -> Consideration {
        guard let owner = ExchangeName.owner(ofPosts: delivery.exchange), !delivery.isDeadLettered,
            delivery.userID ?? owner == owner
        else {
            log.warning("a request that its owner did not send is dropped (\(delivery.which(showsBody: false)))")
            return .settled(Outcome(.failed))
        }
        do {
            if let defect = delivery.defect { throw MessageError(.text, defect) }
            try act(UserRequest(delivery.message), of: owner)
            return .settled(Outcome(.done))
        } catch let error as ManagementError where error.exitStatus != ExitStatus.failed {
            giveUp(error)
        } catch {
            log.warning("a request of \(owner) is dropped (\(delivery.which(showsBody: false))): \(error)")
            return .settled(Outcome(.failed))
        }
    }

    private func act(_ request: UserRequest, of owner: String) throws {
        switch request {
        case .passwd(let hash, let web):
            try administration.setPassword(of: administration.record(of: owner), hash: hash, web: web, asked: true)
        case .stop(let user, let stop):
            try requireOperator(owner, over: user)
            try administration.stop(user, stop, asker: owner)
        case .resume(let user):
            try requireOperator(owner, over: user)
            try administration.resume(user, asker: owner)
        }
    }

    /// An operator may hold, discard and resume the posts of sources, not close out colleagues.
    private func requireOperator(_ owner: String, over user: String) throws {
        guard try administration.record(of: owner).role == .operator else {
            throw ConfigError(.usage, "'\(owner)' is no operator")
        }
        guard try administration.record(of: user).role.posts else {
            throw ConfigError(.usage, "'\(user)' is no source: only the administrator may stop this account")
        }
    }
}

extension PumpSettings {
    /// The pump that `dd_switch requests` runs. Throws when the switch's own account is not known.
    public init(_ options: SwitchOptions) throws(ConfigError) {
        guard let broker = options.broker, !broker.password.isEmpty else {
            throw ConfigError(
                .configuration, "requests: 'broker' with the switch's account is needed, its password in credentials.conf")
        }
        var plan = QueuePlan(name: SwitchLayout(options).requests)
        plan.isProvided = true
        self.init(source: BrokerSettings(broker, options.common), queues: [plan])
        patience = options.common.wait?.inSeconds
    }
}
