/// Publishes that the broker has not confirmed yet, each with what hangs on it.
///
/// Sequences are consecutive; confirmations come one by one, several at once, and out of order.
struct ConfirmWindow<Element> {
    private var slots: [Element?] = []
    private var head = 0
    /// The sequence of `slots[head]`.
    private var lowest: UInt64 = 1
    /// How many are unconfirmed.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// Adds the element of `sequence`, which must be the one after the last added.
    mutating func add(_ element: Element, sequence: UInt64) {
        if slots.isEmpty { lowest = sequence }
        precondition(sequence == lowest + UInt64(slots.count - head), "sequences are consecutive")
        slots.append(element)
        count += 1
    }

    /// Takes out what a confirmation of `sequence` settles, in the order of sequences; 0 with `multiple` means all. What is not
    /// there, or was settled before, settles nothing.
    mutating func settle(_ sequence: UInt64, multiple: Bool, _ body: (Element) -> Void) {
        let open = slots.count - head
        guard open > 0 else { return }
        let newest = lowest + UInt64(open - 1)
        let last = sequence == 0 && multiple ? newest : sequence
        guard last >= lowest, multiple || last <= newest else { return }
        let end = head + Int(min(last, newest) - lowest)
        for index in (multiple ? head : end)...end {
            guard let element = slots[index].take() else { continue }
            count -= 1
            body(element)
        }
        while head < slots.count, slots[head] == nil {
            head += 1
            lowest += 1
        }
        // Compact once half of the array is spent, so that each element moves at most once on average.
        if head > 256 && head * 2 > slots.count {
            slots.removeFirst(head)
            head = 0
        }
        if head == slots.count {
            slots.removeAll(keepingCapacity: true)
            head = 0
        }
    }

    /// Takes out everything, in order: the connection is gone.
    mutating func drain() -> [Element] {
        defer {
            slots.removeAll()
            head = 0
            count = 0
        }
        return slots[head...].compactMap { $0 }
    }
}
