extension Post {
    /// What a report names when a message cannot be read: time and place as far as the first line of its body tells them, otherwise now
    /// and `unreadable:/` with the words of its topic. `source` is who sent it, `cluster` where.
    init(unreadable delivery: Delivery, of source: String?, at cluster: String) {
        let line = try? BodyLine(delivery.message.body)
        let words = Topic.words(of: delivery.message.topic, after: "v02.post").map(String.init) ?? ""
        let topic = ControlCharacters.occur(in: words) ? "" : words
        let nowhere = Location(base: "unreadable:/", relpath: topic)
        self.init(time: line?.time ?? .now(), location: line?.location ?? nowhere, event: .file(nil, .none("0")), subtopic: topic)
        // A line that can be read need not be one that can be written: of a name that holds control characters when decoded, nothing is told.
        if (try? BodyLine.write(time, location)) == nil {
            self.init(time: .now(), location: nowhere, event: .file(nil, .none("0")), subtopic: topic)
        }
        self.source = source
        fromCluster = cluster
    }
}
