import Simulation

/// Damages octets the way disks, networks and enemies do.
enum Mutation {
    static func mutate(_ bytes: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            guard bytes.count > 32 else { return bytes }
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let count = min(Int.random(in: 1...200, using: &random), bytes.count - place)
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 3: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
            case 4: bytes.replaceSubrange(place..<(place + count), with: random.octets(count))
            case 5: bytes.removeSubrange(place..<(place + count))
            case 6: bytes.insert(contentsOf: random.octets(count), at: place)
            case 7: bytes.insert(contentsOf: bytes[place..<(place + count)], at: place)
            case 8:
                // A number that some field may take for a length.
                let value = [0, 1, 3, 4, 15, 16, 255, 65_535, 262_145, .max, .min, -1]
                    .randomElement(using: &random)
                for index in 0..<min(4, bytes.count - place) {
                    bytes[place + index] = UInt8(truncatingIfNeeded: (value ?? 0) >> (8 * index))
                }
            default:
                if Bool.random(using: &random) {
                    bytes.removeLast(min(count * 50, bytes.count / 2))
                }
            }
        }
        return bytes
    }
}
