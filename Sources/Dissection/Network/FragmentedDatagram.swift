/// The pieces of one IP datagram.
///
/// A piece that repeats what is there changes nothing. One that overlaps it in part, or says something else, makes the
/// whole datagram worthless (RFC 5722; Linux does the same with IPv4).
final class FragmentedDatagram {
    private(set) var key: FragmentTable.Key
    private(set) var protocolNumber: UInt8 = 0

    private let bytes = UnsafeMutableRawBufferPointer.allocate(
        byteCount: byteCountMax,
        alignment: 8
    )
    /// What has come: sorted, neither touching nor overlapping.
    private var ranges: [Range<Int>] = []
    /// Known once the last piece has come.
    private var byteCount: Int?
    /// The first octet that a snap length cut off.
    private var firstMissing = Int.max
    private var refusal: SkipReason?

    /// The largest IP payload.
    static let byteCountMax = 65_535

    init(_ key: FragmentTable.Key) {
        self.key = key
    }

    deinit { bytes.deallocate() }

    /// Forgets everything and waits for the pieces of another datagram.
    func begin(_ key: FragmentTable.Key) {
        self.key = key
        protocolNumber = 0
        ranges.removeAll(keepingCapacity: true)
        byteCount = nil
        firstMissing = .max
        refusal = nil
    }

    var isWhole: Bool {
        refusal == nil && ranges.count == 1 && ranges[0].lowerBound == 0
            && ranges[0].upperBound == byteCount
    }

    /// As far as it was captured without a hole; valid until another piece comes to the table.
    var payload: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[..<keptByteCount])
    }

    var missingByteCount: Int { (byteCount ?? 0) - keptByteCount }

    private var keptByteCount: Int { min(byteCount ?? 0, firstMissing) }

    /// Gives the reason if the piece cannot be.
    func add(
        _ fragment: IPHeader.Fragment,
        _ piece: UnsafeRawBufferPointer,
        end: Int,
        protocolNumber: UInt8
    ) -> SkipReason? {
        if let refusal { return refusal }
        let range = fragment.offset..<end
        if !fragment.hasMore {
            guard byteCount == nil || byteCount == end, end >= ranges.last?.upperBound ?? 0 else {
                return refuse(.badFragment)
            }
            byteCount = end
        } else if let byteCount, end > byteCount {
            return refuse(.badFragment)
        }
        if range.lowerBound == 0 { self.protocolNumber = protocolNumber }
        // The first range that ends at or behind the start of this one.
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < range.lowerBound {
                low = middle + 1
            } else {
                high = middle
            }
        }
        for other in ranges[low...].prefix(2) where other.overlaps(range) {
            guard other.contains(range.lowerBound), other.upperBound >= end,
                isEqual(piece, at: range.lowerBound)
            else { return refuse(.overlappingFragments) }
            return nil
        }
        store(piece, range)
        insert(range, at: low)
        return nil
    }

    private func refuse(_ reason: SkipReason) -> SkipReason {
        refusal = reason
        return reason
    }

    private func isEqual(_ piece: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        let count = min(piece.count, max(0, firstMissing - offset))
        return (0..<count).allSatisfy { bytes[offset + $0] == piece[$0] }
    }

    private func store(_ piece: UnsafeRawBufferPointer, _ range: Range<Int>) {
        UnsafeMutableRawBufferPointer(rebasing: bytes[range]).copyMemory(from: piece)
        if piece.count < range.count {
            firstMissing = min(firstMissing, range.lowerBound + piece.count)
        }
    }

    /// Puts the range at its place and joins it with neighbours that it touches.
    private func insert(_ range: Range<Int>, at index: Int) {
        var joined = range
        var end = index
        while end < ranges.count, ranges[end].lowerBound <= joined.upperBound,
            ranges[end].upperBound >= joined.lowerBound
        {
            joined =
                min(
                    ranges[end].lowerBound,
                    joined.lowerBound
                )..<max(
                    ranges[end].upperBound,
                    joined.upperBound
                )
            end += 1
        }
        ranges.replaceSubrange(index..<end, with: CollectionOfOne(joined))
    }
}
