import Rendering
import Wire

/// The most frequent topics of a flow, in fixed memory and a few loads for a message.
///
/// 16 sets of 4 places. A topic that finds its set full takes one off the smallest count there and gets its place once
/// that is used up, so frequent topics stay and counts never exceed the truth.
struct TopicTally {
    private struct Place {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        /// Octets kept, at most 32.
        var byteCount = 0
        var count = 0
    }

    private var places: [Place] = []
    private(set) var hasMore = false

    static let byteCountMax = 32

    /// - Parameter topic: what to count; octets beyond `byteCountMax` do not count.
    mutating func add(_ topic: UnsafeRawBufferPointer) {
        var place = Place()
        place.byteCount = min(topic.count, Self.byteCountMax)
        withUnsafeMutableBytes(of: &place.words) {
            $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: topic.prefix(place.byteCount)))
        }
        place.count = 1
        add(place)
    }

    private mutating func add(_ new: Place) {
        if places.isEmpty { places = Array(repeating: Place(), count: Self.setCount * Self.ways) }
        let mixed =
            (new.words.0 ^ new.words.1 &* 3 ^ new.words.2 &* 5 ^ new.words.3 &* 7
                ^ UInt64(new.byteCount)) &* 0x9E37_79B9_7F4A_7C15
        let base = Int(mixed >> 60) * Self.ways
        places.withUnsafeMutableBufferPointer { places in
            var smallest = base
            for index in base..<base + Self.ways {
                if places[index].count == 0 {
                    places[index] = new
                    return
                }
                if places[index].words == new.words, places[index].byteCount == new.byteCount {
                    places[index].count += 1
                    return
                }
                if places[index].count < places[smallest].count { smallest = index }
            }
            hasMore = true
            places[smallest].count -= 1
            if places[smallest].count == 0 { places[smallest] = new }
        }
    }

    /// The most frequent first; equal counts by topic.
    func top(_ countMax: Int) -> [TopicCount] {
        let filled = places.filter { $0.count > 0 }
            .map { place -> (bytes: [UInt8], count: Int) in
                var words = place.words
                let bytes = withUnsafeBytes(of: &words) { Array($0.prefix(place.byteCount)) }
                return (bytes, place.count)
            }
            .sorted {
                $0.count != $1.count
                    ? $0.count > $1.count : $0.bytes.lexicographicallyPrecedes($1.bytes)
            }
        return filled.prefix(countMax).map {
            TopicCount(text: PrintableText.text($0.bytes), count: $0.count)
        }
    }

    var distinctCount: Int { places.count { $0.count > 0 } }

    private static let setCount = 16
    private static let ways = 4
}
