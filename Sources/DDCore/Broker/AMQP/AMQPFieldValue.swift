import CRabbitMQ

extension HeaderValue {
    /// A value of a header table; `nil` when it is text that is not UTF-8. The elements of an array are not looked into further.
    init?(_ field: amqp_field_value_t) {
        if field.kind == UInt8(AMQP_FIELD_KIND_ARRAY.rawValue) {
            var values: [HeaderValue] = []
            for index in 0..<Int(field.value.array.num_entries) {
                guard let value = HeaderValue(element: field.value.array.entries[index]) else { return nil }
                values.append(value)
            }
            self = .list(values)
            return
        }
        self.init(element: field)
    }

    private init?(element field: amqp_field_value_t) {
        switch amqp_field_value_kind_t(UInt32(field.kind)) {
        case AMQP_FIELD_KIND_UTF8, AMQP_FIELD_KIND_BYTES:
            guard let text = String(validating: field.value.bytes) else { return nil }
            self = .text(text)
        case AMQP_FIELD_KIND_I8: self = .number(String(field.value.i8))
        case AMQP_FIELD_KIND_U8: self = .number(String(field.value.u8))
        case AMQP_FIELD_KIND_I16: self = .number(String(field.value.i16))
        case AMQP_FIELD_KIND_U16: self = .number(String(field.value.u16))
        case AMQP_FIELD_KIND_I32: self = .number(String(field.value.i32))
        case AMQP_FIELD_KIND_U32: self = .number(String(field.value.u32))
        case AMQP_FIELD_KIND_I64: self = .number(String(field.value.i64))
        case AMQP_FIELD_KIND_U64: self = .number(String(field.value.u64))
        case AMQP_FIELD_KIND_VOID: self = .nothing
        case AMQP_FIELD_KIND_BOOLEAN: self = .other("a truth value")
        case AMQP_FIELD_KIND_F32, AMQP_FIELD_KIND_F64, AMQP_FIELD_KIND_DECIMAL: self = .other("a number with a fraction")
        case AMQP_FIELD_KIND_TIMESTAMP: self = .other("a time in AMQP's own form")
        case AMQP_FIELD_KIND_TABLE: self = .other("a table")
        case AMQP_FIELD_KIND_ARRAY: self = .other("a list in a list")
        default: self = .other("of a type that is not known")
        }
    }
}
