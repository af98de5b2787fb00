/// How far the message under way has come: counts, and the beginning of its first frame while that comes in pieces.
struct MessageProgress {
    private(set) var frameCount = 0
    /// Octets of the bodies of all frames.
    private(set) var byteCount = 0
    /// Part of it is not there.
    var isBroken = false
    /// Of the first frame's body; as much of it as a topic may need.
    private(set) var beginning: [UInt8] = []

    /// Counts a piece of a frame's body. `true` when it is the whole body of the first frame, of which nothing is kept then.
    mutating func append(_ piece: UnsafeRawBufferPointer, isWholeRest: Bool) -> Bool {
        byteCount = byteCount &+ piece.count
        guard frameCount == 0 else { return false }
        if isWholeRest, beginning.isEmpty { return true }
        if beginning.count < Self.beginningByteCountMax {
            beginning.append(contentsOf: piece.prefix(Self.beginningByteCountMax))
        }
        return false
    }

    mutating func endFrame() {
        if frameCount == 0 { beginning.removeAll(keepingCapacity: true) }
        frameCount += 1
    }

    /// The last frame has ended: the next message begins.
    mutating func endMessage() {
        frameCount = 0
        byteCount = 0
        isBroken = false
    }

    private static let beginningByteCountMax = TopicTally.byteCountMax
}
