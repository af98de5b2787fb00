/// Names, each with the number in the order of its first mention, in one piece of memory.
///
/// ```
/// bytes   o s l o b e r g e n …
/// ends    4       10          …            name i: bytes[ends[i − 1] ..< ends[i]]
/// slots   hash of a name ─▶ its number + 1, open addressing, at most half full
/// ```
///
/// Names that are small decimal numbers, as most large files have them, are found by their value.
public struct NameTable: Sendable {
    package private(set) var bytes: ContiguousArray<UInt8> = []
    package private(set) var ends: ContiguousArray<UInt32> = []
    private var slots: ContiguousArray<UInt32>
    /// By value: number + 1.
    private var byValue: ContiguousArray<UInt32> = []

    private static let valueMax = 1 << 23

    public init() {
        slots = ContiguousArray(repeating: 0, count: 1 << 10)
    }

    /// Different names, numbered in their order; of equal ones the first counts.
    public init(_ names: some Sequence<String>) {
        self.init()
        for var name in names { name.withUTF8 { _ = number(of: $0) } }
    }

    /// The names whose ends are known.
    ///
    /// - Returns: `nil` when the ends do not rise up to the end of the bytes, or the names are not UTF-8 or not different.
    package init?(bytes: ArraySlice<UInt8>, ends: ContiguousArray<UInt32>) {
        self.init()
        var start = 0
        let isWhole = bytes.withUnsafeBufferPointer { all in
            for end in ends {
                guard Int(end) >= start, Int(end) <= all.count else { return false }
                let before = count
                _ = number(of: UnsafeBufferPointer(rebasing: all[start..<Int(end)]))
                guard count > before else { return false }
                start = Int(end)
            }
            return start == all.count
        }
        guard isWhole, areValid else { return nil }
    }

    public var count: Int { ends.count }

    /// The bytes of all names, in order, without anything between them.
    public var byteCount: Int { bytes.count }

    public subscript(index: Int) -> String {
        String(decoding: bytes[range(of: index)], as: UTF8.self)
    }

    /// Calls `body` with the bytes of all names, and where each ends.
    public func withUnsafeBytes<Result>(
        _ body: (_ bytes: UnsafeBufferPointer<UInt8>, _ ends: UnsafeBufferPointer<UInt32>) -> Result
    ) -> Result {
        bytes.withUnsafeBufferPointer { bytes in
            ends.withUnsafeBufferPointer { body(bytes, $0) }
        }
    }

    /// The number of a name; `nil` when it is none of these.
    public func index(of name: String) -> Int? {
        var name = name
        return name.withUTF8 { text in
            if let value = Self.value(of: text) {
                guard value < byValue.count, byValue[value] > 0 else { return nil }
                return Int(byValue[value]) - 1
            }
            let slot = slots[place(of: text)]
            return slot > 0 ? Int(slot) - 1 : nil
        }
    }

    /// The number of a name, which is a new one where the name is.
    mutating func number(of text: UnsafeBufferPointer<UInt8>) -> Int {
        if let value = Self.value(of: text) { return number(ofValue: value, text) }
        let place = self.place(of: text)
        if slots[place] > 0 { return Int(slots[place]) - 1 }
        append(text)
        slots[place] = UInt32(count)
        if count * 2 > slots.count { grow() }
        return count - 1
    }

    /// Whether all names are UTF-8, each by itself.
    var areValid: Bool {
        guard bytes.contains(where: { $0 >= 0x80 }) else { return true }
        return ends.indices.allSatisfy {
            String(validating: bytes[range(of: $0)], as: UTF8.self) != nil
        }
    }

    // MARK: Details

    private func range(of index: Int) -> Range<Int> {
        (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
    }

    private mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(contentsOf: text)
        ends.append(UInt32(bytes.count))
    }

    /// The value of a decimal number that has no other spelling.
    @inline(__always)
    private static func value(of text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard (1...7).contains(text.count), text[0] != 0x30 || text.count == 1 else { return nil }
        var value = 0
        for byte in text {
            let digit = Int(byte) - 0x30
            guard digit >= 0, digit <= 9 else { return nil }
            value = value * 10 + digit
        }
        return value < valueMax ? value : nil
    }

    private mutating func number(ofValue value: Int, _ text: UnsafeBufferPointer<UInt8>) -> Int {
        if value >= byValue.count {
            let size = max(value + 1, min(byValue.count * 2, Self.valueMax))
            byValue.append(contentsOf: repeatElement(0, count: size - byValue.count))
        }
        if byValue[value] == 0 {
            append(text)
            byValue[value] = UInt32(count)
        }
        return Int(byValue[value]) - 1
    }

    /// Where a name is or would be.
    private func place(of text: UnsafeBufferPointer<UInt8>) -> Int {
        // FNV-1a, then the multiplier of Fibonacci hashing, as the low bits alone are weak.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 29)) &* 0x9E37_79B9_7F4A_7C15
        let mask = slots.count - 1
        var place = Int(hash >> 32) & mask
        while slots[place] > 0, !isName(Int(slots[place]) - 1, text) { place = (place + 1) & mask }
        return place
    }

    private func isName(_ index: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let range = range(of: index)
        guard range.count == text.count else { return false }
        for position in 0..<text.count where bytes[range.lowerBound + position] != text[position] {
            return false
        }
        return true
    }

    private mutating func grow() {
        slots = ContiguousArray(repeating: 0, count: slots.count * 2)
        let (bytes, count) = (self.bytes, self.count)
        bytes.withUnsafeBufferPointer { all in
            for index in 0..<count {
                let text = UnsafeBufferPointer(rebasing: all[range(of: index)])
                guard Self.value(of: text) == nil else { continue }
                slots[place(of: text)] = UInt32(index + 1)
            }
        }
    }
}

extension NameTable: Equatable {
    public static func == (a: NameTable, b: NameTable) -> Bool {
        a.ends == b.ends && a.bytes == b.bytes
    }
}
