/// Octets that arrive in chunks, read as if they were contiguous.
///
/// ```
///        spill (ours)            chunk (the caller's)
///   ┌──────────────────┬──────────────────────────────────┐
///   │ start of a record│rest of it │ whole records … │part│
///   └──────────────────┴──────────────────────────────────┘
/// ```
///
/// A record that lies whole in the chunk is read where it is. Only one that crosses the edge is copied, and the copy
/// grows with the octets that came, never with a length that a file claims.
struct ChunkBuffer: ~Copyable {
    /// Where the next octet is in the whole of the input.
    private(set) var offset = 0
    /// No chunk will follow.
    private(set) var isEnded = false

    private var chunk = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Of the chunk, what was read or spilled. The end of the spill always lies at this position.
    private var position = 0
    private var spill = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var spillStart = 0
    private var spillEnd = 0

    deinit { spill.deallocate() }

    /// Takes the next octets; they must stay valid until `peek` has returned `nil`.
    mutating func supply(_ next: UnsafeRawBufferPointer) {
        precondition(position == chunk.count, "the chunk before was not read to its end")
        chunk = next
        position = 0
    }

    mutating func end() {
        supply(UnsafeRawBufferPointer(start: nil, count: 0))
        isEnded = true
    }

    /// Octets that can be read without another chunk.
    var availableByteCount: Int { spillEnd - spillStart + chunk.count - position }

    /// The next `count` octets, or `nil` when they are not there yet: then all of the chunk is spilled.
    @inline(__always)
    mutating func peek(_ count: Int) -> UnsafeRawPointer? {
        if spillStart == spillEnd, chunk.count - position >= count, let base = chunk.baseAddress {
            return base + position
        }
        return peekAcrossEdge(count)
    }

    /// Passes over octets that were peeked at.
    @inline(__always)
    mutating func advance(_ count: Int) {
        offset += count
        if spillStart == spillEnd {
            position += count
        } else {
            advanceInSpill(count)
        }
    }

    private mutating func peekAcrossEdge(_ count: Int) -> UnsafeRawPointer? {
        let missing = count - (spillEnd - spillStart)
        if missing > 0 {
            let taken = min(missing, chunk.count - position)
            if taken > 0, let base = chunk.baseAddress {
                append(UnsafeRawBufferPointer(start: base + position, count: taken))
                position += taken
            }
            guard taken == missing else { return nil }
        }
        return UnsafeRawPointer(spill.baseAddress.map { $0 + spillStart })
    }

    private mutating func advanceInSpill(_ count: Int) {
        let spilled = min(count, spillEnd - spillStart)
        spillStart += spilled
        position += count - spilled
        let rest = spillEnd - spillStart
        // What is left is a copy of octets of this chunk: read them where they are.
        if rest <= position {
            position -= rest
            spillStart = 0
            spillEnd = 0
        }
    }

    private mutating func append(_ octets: UnsafeRawBufferPointer) {
        if spillStart > 0, spillEnd + octets.count > spill.count, let base = spill.baseAddress {
            base.copyMemory(from: base + spillStart, byteCount: spillEnd - spillStart)
            spillEnd -= spillStart
            spillStart = 0
        }
        if spillEnd + octets.count > spill.count {
            let capacity = max(spill.count * 2, spillEnd + octets.count, Self.spillByteCountMin)
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 8)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: spill[..<spillEnd]))
            spill.deallocate()
            spill = larger
        }
        UnsafeMutableRawBufferPointer(rebasing: spill[spillEnd...]).copyMemory(from: octets)
        spillEnd += octets.count
    }

    private static let spillByteCountMin = 4096
}
