/// The flow whose posts an `Announcer` publishes. It outlives its announcer, and is told on its own thread.
protocol AnnouncerOwner: AnyObject {
    /// A post is settled, each exactly once.
    func settle(_ item: Announcer.Item, _ fate: Announcer.Fate)

    /// The connection is lost, and the announcer is about to wait for the broker. From here on a signal ends the program at once, so what is still
    /// to be shown is shown now.
    func brokerIsAway()

    /// What a signal ends the program with while the announcer connects and `open` posts are not confirmed. What it returns runs in the signal handler's
    /// thread: it captures values only.
    func leave(open: Int) -> StopSignal.Leave
}

/// The flow whose files a `PostMaker` sums.
protocol PostMakerOwner: AnyObject {
    /// Called while a long file is summed, so that the connection to the broker is served: waits until `descriptor` is readable or something
    /// else is to be done, or not at all when it is `nil`. Returns false to stop.
    func serve(_ descriptor: Int32?) throws -> Bool
}
