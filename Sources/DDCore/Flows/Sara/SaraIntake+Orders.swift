/// What the administrator says over the control stream.
extension SaraIntake {
    func take(order delivery: Delivery) -> Consideration {
        do {
            let order = try ControlMessage(delivery)
            try plan.sources.apply(order.user)
            plan.routes?.apply(order.user)
            plan.privates?.apply(order.user)
            if isCaughtUp {
                log.notice("\(order.by) says: \(order.action.rawValue)", ["source": order.user.name])
            }
            return .settled(Outcome(.done))
        } catch {
            log.error("a control message is not followed (\(delivery.which())): \(error)")
            return .settled(Outcome(.passed))
        }
    }
}
