import DequeModule

/// Publishes that the broker has not confirmed yet, each with what hangs on it.
///
/// Sequences are consecutive; confirmations come one by one, several at once, and out of order.
struct ConfirmWindow<Element> {
    private var slots = Deque<Element?>()
    /// The sequence of the first slot.
    private var lowest: UInt64 = 1
    /// How many are unconfirmed.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// Adds the element of `sequence`, which must be the one after the last added.
    mutating func add(_ element: Element, sequence: UInt64) {
        if slots.isEmpty { lowest = sequence }
        precondition(sequence == lowest + UInt64(slots.count), "sequences are consecutive")
        slots.append(element)
        count += 1
    }

    /// Takes out what a confirmation of `sequence` settles, in the order of sequences; 0 with `multiple` means all. What is not
    /// there, or was settled before, settles nothing.
    mutating func settle(_ sequence: UInt64, multiple: Bool, _ body: (Element) -> Void) {
        guard !slots.isEmpty else { return }
        let newest = lowest + UInt64(slots.count - 1)
        let last = sequence == 0 && multiple ? newest : sequence
        guard last >= lowest, multiple || last <= newest else { return }
        let end = Int(min(last, newest) - lowest)
        for index in (multiple ? 0 : end)...end {
            guard let element = slots[index].take() else { continue }
            count -= 1
            body(element)
        }
        while let first = slots.first, first == nil {
            slots.removeFirst()
            lowest += 1
        }
    }

    /// Takes out everything, in order: the connection is gone.
    mutating func drain() -> [Element] {
        defer {
            slots.removeAll()
            count = 0
        }
        return slots.compactMap { $0 }
    }
}
