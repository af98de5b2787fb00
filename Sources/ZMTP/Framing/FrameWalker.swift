import Wire

/// Walks frames that are known to be whole and well formed, commands among them.
struct FrameWalker {
    private let bytes: UnsafeRawBufferPointer
    private var end = 0
    /// Of the frame that `next()` found.
    private(set) var flags: UInt8 = 0
    private(set) var body = 0..<0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Moves to the next frame; `false` at the end.
    mutating func next() -> Bool {
        guard end < bytes.count else { return false }
        flags = bytes[end]
        let start: Int
        let byteCount: Int
        if flags & FrameHeader.long == 0 {
            start = end + 2
            byteCount = Int(bytes[end + 1])
        } else {
            start = end + 9
            byteCount = Int(truncatingIfNeeded: BigEndian.loadUInt64(bytes, at: end + 1))
        }
        body = start..<start + byteCount
        end = body.upperBound
        return true
    }
}
