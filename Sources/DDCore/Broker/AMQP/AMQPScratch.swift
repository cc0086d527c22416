import CRabbitMQ

/// Memory for the arguments of one librabbitmq call: strings and one flat table, reused from call to call so that a publish
/// allocates nothing. What it hands out is valid until `reset()`.
final class AMQPScratch {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private var used = 0
    private let entries: UnsafeMutablePointer<amqp_table_entry_t>
    private let maxEntries = 128
    private var entryCount = 0
    /// Blocks outgrown since the last reset; pointers into them may still be in use.
    private var outgrown: [UnsafeMutableRawPointer] = []

    init() {
        capacity = 16 * 1024
        base = .allocate(byteCount: capacity, alignment: 16)
        entries = .allocate(capacity: maxEntries)
    }

    deinit {
        for block in outgrown { block.deallocate() }
        base.deallocate()
        entries.deallocate()
    }

    /// Takes back all that was handed out.
    func reset() {
        used = 0
        entryCount = 0
        for block in outgrown { block.deallocate() }
        outgrown.removeAll(keepingCapacity: true)
    }

    /// A copy of `text` that librabbitmq may read until `reset()`.
    func bytes(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { utf8 in
            guard let start = utf8.baseAddress, !utf8.isEmpty else { return amqp_bytes_t() }
            let place = room(utf8.count)
            place.copyMemory(from: start, byteCount: utf8.count)
            return amqp_bytes_t(len: utf8.count, bytes: place)
        }
    }

    /// Adds a string to the table being built. Beyond 128 entries nothing is added and `false` returned.
    func put(_ name: String, _ value: String) -> Bool {
        add(name) {
            $0.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue); $0.value.bytes = bytes(value)
        }
    }

    /// Adds a 64-bit number to the table being built.
    func put(_ name: String, _ value: Int64) -> Bool {
        add(name) {
            $0.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue); $0.value.i64 = value
        }
    }

    /// Adds a truth value to the table being built.
    func put(_ name: String, _ value: Bool) -> Bool {
        add(name) {
            $0.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue); $0.value.boolean = value ? 1 : 0
        }
    }

    /// Adds a time (seconds since 1970) to the table being built.
    func put(_ name: String, timestamp: UInt64) -> Bool {
        add(name) {
            $0.kind = UInt8(AMQP_FIELD_KIND_TIMESTAMP.rawValue); $0.value.u64 = timestamp
        }
    }

    /// Adds a table inside the table.
    func put(_ name: String, table: amqp_table_t) -> Bool {
        add(name) {
            $0.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue); $0.value.table = table
        }
    }

    /// The table as built so far.
    var table: amqp_table_t { amqp_table_t(num_entries: Int32(entryCount), entries: entries) }

    private func add(_ name: String, _ fill: (inout amqp_field_value_t) -> Void) -> Bool {
        guard entryCount < maxEntries else { return false }
        var entry = amqp_table_entry_t()
        entry.key = bytes(name)
        fill(&entry.value)
        entries[entryCount] = entry
        entryCount += 1
        return true
    }

    private func room(_ count: Int) -> UnsafeMutableRawPointer {
        if used + count > capacity {
            outgrown.append(base)
            capacity = max(capacity * 2, count)
            base = .allocate(byteCount: capacity, alignment: 16)
            used = 0
        }
        defer { used += count }
        return base + used
    }
}
