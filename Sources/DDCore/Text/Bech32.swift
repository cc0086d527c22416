/// Bech32 (BIP 173), in which age writes keys: letters and digits with a checksum of six at the end.
enum Bech32 {
    private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

    /// `bytes` behind `prefix`, in lower case.
    static func text(_ prefix: String, _ bytes: [UInt8]) -> String {
        let values = regroup(bytes, from: 8, to: 5, pads: true) ?? []
        let sum = polymod(expanded(prefix) + values + [0, 0, 0, 0, 0, 0]) ^ 1
        let check = (0..<6).map { UInt8(sum >> UInt32(5 * (5 - $0)) & 31) }
        return prefix + "1" + String(decoding: (values + check).map { alphabet[Int($0)] }, as: UTF8.self)
    }

    /// The bytes behind `prefix`; `nil` for another prefix, a wrong checksum, or upper and lower case mixed.
    static func bytes(_ text: String, prefix: String) -> [UInt8]? {
        let lower = text.lowercased()
        guard text == lower || text == text.uppercased(), lower.hasPrefix(prefix + "1") else { return nil }
        let values = lower.utf8.dropFirst(prefix.utf8.count + 1).map { letter in alphabet.firstIndex(of: letter).map { UInt8($0) }
        }
        guard values.count >= 6, values.allSatisfy({ $0 != nil }) else { return nil }
        let known = values.compactMap(\.self)
        guard polymod(expanded(prefix) + known) == 1 else { return nil }
        return regroup(Array(known.dropLast(6)), from: 5, to: 8, pads: false)
    }

    private static func expanded(_ prefix: String) -> [UInt8] { prefix.utf8.map { $0 >> 5 } + [0] + prefix.utf8.map { $0 & 31 } }

    private static func polymod(_ values: [UInt8]) -> UInt32 {
        let generators: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
        var check: UInt32 = 1
        for value in values {
            let top = check >> 25
            check = (check & 0x1ff_ffff) << 5 ^ UInt32(value)
            for (place, generator) in generators.enumerated() where top >> UInt32(place) & 1 == 1 { check ^= generator }
        }
        return check
    }

    /// Groups of bits of another size; `nil` when bits that would be lost are not 0.
    private static func regroup(_ values: [UInt8], from: UInt32, to: UInt32, pads: Bool) -> [UInt8]? {
        var result: [UInt8] = []
        var (held, count): (UInt32, UInt32) = (0, 0)
        for value in values {
            held = held << from | UInt32(value)
            count += from
            while count >= to {
                count -= to
                result.append(UInt8(held >> count & (1 << to - 1)))
            }
            held &= 1 << count - 1
        }
        if pads {
            if count > 0 { result.append(UInt8(held << (to - count) & (1 << to - 1))) }
        } else if count >= from || held != 0 {
            return nil
        }
        return result
    }
}
