/// The bytes on the edge that leads to a node.
///
/// Up to eight bytes live in the node itself, first byte lowest, so that comparing them with a
/// message is one load, one XOR and one shift. Longer labels own an allocation of their own, whose
/// address is in `bits`. A label is plain data inside an arena: its owner calls `deallocate`.
struct NodeLabel {
    private var bits: UInt64
    private(set) var byteCount: UInt32

    static let inlineByteCountMax = 8

    init() {
        bits = 0
        byteCount = 0
    }

    init(copying bytes: UnsafeRawBufferPointer) {
        self.init(bytes, followedBy: UnsafeRawBufferPointer(start: nil, count: 0))
    }

    private init(_ head: UnsafeRawBufferPointer, followedBy tail: UnsafeRawBufferPointer) {
        let count = head.count + tail.count
        byteCount = UInt32(count)
        bits = 0
        if count <= Self.inlineByteCountMax {
            withUnsafeMutableBytes(of: &bits) { target in
                target.copyMemory(from: head)
                UnsafeMutableRawBufferPointer(rebasing: target[head.count...])
                    .copyMemory(from: tail)
            }
            bits = UInt64(littleEndian: bits)
        } else {
            let target = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
            target.copyMemory(from: head)
            UnsafeMutableRawBufferPointer(rebasing: target[head.count...]).copyMemory(from: tail)
            bits = UInt64(UInt(bitPattern: target.baseAddress))
        }
    }

    func deallocate() {
        outOfLine?.deallocate()
    }

    /// Bytes outside the node.
    var allocatedByteCount: Int {
        Int(byteCount) > Self.inlineByteCountMax ? Int(byteCount) : 0
    }

    var firstByte: UInt8 {
        outOfLine?.load(as: UInt8.self) ?? UInt8(truncatingIfNeeded: bits)
    }

    private var outOfLine: UnsafeMutableRawPointer? {
        guard Int(byteCount) > Self.inlineByteCountMax else { return nil }
        return UnsafeMutableRawPointer(bitPattern: UInt(bits))
    }

    /// Whether the label, which is not empty, begins the `count` bytes at `bytes`.
    @inline(__always)
    func isPrefix(of bytes: UnsafeRawPointer, count: Int) -> Bool {
        let length = Int(byteCount)
        guard length <= count else { return false }
        if length <= Self.inlineByteCountMax {
            let difference = bits ^ bytes.loadWord(upTo: count)
            return difference &<< UInt64(64 &- length &* 8) == 0
        }
        return commonPrefixCount(with: bytes, count: count) == length
    }

    /// How many leading bytes the label shares with the `count` bytes at `bytes`.
    func commonPrefixCount(with bytes: UnsafeRawPointer, count: Int) -> Int {
        let limit = min(Int(byteCount), count)
        guard let own = outOfLine else {
            let difference = bits ^ bytes.loadWord(upTo: count)
            return min(limit, difference.trailingZeroBitCount / 8)
        }
        var index = 0
        while index < limit {
            let difference =
                (own + index).loadWord(upTo: limit - index)
                ^ (bytes + index).loadWord(upTo: limit - index)
            if difference != 0 { return index + difference.trailingZeroBitCount / 8 }
            index += 8
        }
        return limit
    }

    /// The first `count` bytes as a label of their own.
    func prefix(_ count: Int) -> Self {
        withBytes { Self(copying: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }

    /// What follows the first `count` bytes, as a label of its own.
    func dropFirst(_ count: Int) -> Self {
        withBytes { Self(copying: UnsafeRawBufferPointer(rebasing: $0[count...])) }
    }

    /// Both labels in one, as a label of its own.
    func followed(by tail: Self) -> Self {
        withBytes { head in tail.withBytes { Self(head, followedBy: $0) } }
    }

    func copyBytes(to target: UnsafeMutableRawPointer) {
        withBytes {
            UnsafeMutableRawBufferPointer(start: target, count: $0.count).copyMemory(from: $0)
        }
    }

    private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if let own = outOfLine {
            return body(UnsafeRawBufferPointer(start: own, count: Int(byteCount)))
        }
        return withUnsafeBytes(of: bits.littleEndian) {
            body(UnsafeRawBufferPointer(rebasing: $0[..<Int(byteCount)]))
        }
    }
}

extension UnsafeRawPointer {
    /// The first eight bytes of `count`, first byte lowest; missing ones are zero. Reads no further.
    @inline(__always)
    fileprivate func loadWord(upTo count: Int) -> UInt64 {
        if count >= 8 { return UInt64(littleEndian: loadUnaligned(as: UInt64.self)) }
        // Two loads that overlap cover every shorter length; the shared bytes agree.
        if count >= 4 {
            let low = UInt32(littleEndian: loadUnaligned(as: UInt32.self))
            let high = UInt32(
                littleEndian: loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            )
            return UInt64(low) | UInt64(high) &<< UInt64((count &- 4) &* 8)
        }
        if count >= 2 {
            let low = UInt16(littleEndian: loadUnaligned(as: UInt16.self))
            let last = load(fromByteOffset: count &- 1, as: UInt8.self)
            return UInt64(low) | UInt64(last) &<< UInt64((count &- 1) &* 8)
        }
        return count == 1 ? UInt64(load(as: UInt8.self)) : 0
    }
}

extension UnsafeMutableRawPointer {
    @inline(__always)
    fileprivate func loadWord(upTo count: Int) -> UInt64 {
        UnsafeRawPointer(self).loadWord(upTo: count)
    }
}
