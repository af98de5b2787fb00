import Rendering
import Wire

/// The most frequent topics of a flow, in fixed memory and a few loads for a message.
///
/// 16 sets of 4 slots. A topic that finds its set full takes one off the smallest count there and gets its slot once
/// that is used up, so frequent topics stay and counts never exceed the truth.
struct TopicTally {
    private struct Slot {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        /// Octets kept, at most 32.
        var byteCount = 0
        var count = 0
    }

    private var slots: [Slot] = []
    private(set) var hasMore = false

    static let byteCountMax = 32

    /// - Parameter topic: what to count; octets beyond `byteCountMax` do not count.
    mutating func add(_ topic: UnsafeRawBufferPointer) {
        var slot = Slot()
        slot.byteCount = min(topic.count, Self.byteCountMax)
        withUnsafeMutableBytes(of: &slot.words) {
            $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: topic.prefix(slot.byteCount)))
        }
        slot.count = 1
        add(slot)
    }

    /// Counts the word that `body` begins with: of a message of one frame, that is its topic.
    mutating func addLeadingWord(of body: UnsafeRawBufferPointer) {
        var end = 0
        let limit = min(body.count, Self.wordByteCountMax)
        while end < limit, Self.isWord(body[end]) { end += 1 }
        add(UnsafeRawBufferPointer(rebasing: body[..<end]))
    }

    /// Letters, and what separates the levels of topics. A number is no topic but what is said about one.
    private static func isWord(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: octet >= 0x80
        }
    }

    private mutating func add(_ new: Slot) {
        if slots.isEmpty { slots = Array(repeating: Slot(), count: Self.setCount * Self.ways) }
        let mixed =
            (new.words.0 ^ new.words.1 &* 3 ^ new.words.2 &* 5 ^ new.words.3 &* 7
                ^ UInt64(new.byteCount)) &* 0x9E37_79B9_7F4A_7C15
        let base = Int(mixed >> 60) * Self.ways
        slots.withUnsafeMutableBufferPointer { slots in
            var smallest = base
            for index in base..<base + Self.ways {
                if slots[index].count == 0 {
                    slots[index] = new
                    return
                }
                if slots[index].words == new.words, slots[index].byteCount == new.byteCount {
                    slots[index].count += 1
                    return
                }
                if slots[index].count < slots[smallest].count { smallest = index }
            }
            hasMore = true
            slots[smallest].count -= 1
            if slots[smallest].count == 0 { slots[smallest] = new }
        }
    }

    /// The most frequent first; equal counts by topic.
    func top(_ countMax: Int) -> [TopicCount] {
        let filled = slots.filter { $0.count > 0 }
            .map { slot -> (bytes: [UInt8], count: Int) in
                var words = slot.words
                let bytes = withUnsafeBytes(of: &words) { Array($0.prefix(slot.byteCount)) }
                return (bytes, slot.count)
            }
            .sorted {
                $0.count != $1.count
                    ? $0.count > $1.count : $0.bytes.lexicographicallyPrecedes($1.bytes)
            }
        return filled.prefix(countMax).map {
            TopicCount(text: PrintableText.text($0.bytes), count: $0.count)
        }
    }

    var distinctCount: Int { slots.count { $0.count > 0 } }

    private static let wordByteCountMax = 24
    private static let setCount = 16
    private static let ways = 4
}
