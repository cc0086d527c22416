/// Elements that each have their moment, the earliest first; those of one moment in the order in which they came.
struct Timetable<Element> {
    private var entries: [(due: Double, element: Element)] = []

    /// How many there are.
    var count: Int { entries.count }

    var isEmpty: Bool { entries.isEmpty }

    /// The earliest moment; `nil`: there is none.
    var next: Double? { entries.first?.due }

    /// Puts one in.
    mutating func insert(_ element: Element, at due: Double) {
        entries.insert((due, element), at: place(after: due))
    }

    /// Takes out what is due, the earliest first.
    mutating func take(until now: Double) -> [Element] {
        guard let next, next <= now else { return [] }
        let end = place(after: now)
        defer { entries.removeFirst(end) }
        return entries[..<end].map(\.element)
    }

    /// Takes out all that `condition` holds for.
    mutating func remove(where condition: (Element) -> Bool) -> [Element] {
        let removed = entries.filter { condition($0.element) }
        if !removed.isEmpty { entries.removeAll { condition($0.element) } }
        return removed.map(\.element)
    }

    /// Forgets all.
    mutating func removeAll() { entries.removeAll() }

    /// How many are due after a moment.
    func count(after moment: Double) -> Int { entries.count - place(after: moment) }

    /// The index of the first entry later than `due`.
    private func place(after due: Double) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].due <= due { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
