import NIOCore
import NIOEmbedded
import Wire
import ZMTP

@testable import Transports

/// A stream that takes what it is told to take and keeps it.
final class FakeStream: ByteStream, @unchecked Sendable {
    let loop: any EventLoop
    /// The loop, unless the test brought one; its time stands still.
    let embedded = EmbeddedEventLoop()
    let carriage: Carriage
    let peerDescription = "fake"
    /// How many octets fit before it is not writable, as a kernel's buffer would.
    var roomByteCount: Int
    /// The octets of each write, in order.
    private(set) var writes: [[UInt8]] = []
    private var buffers: [ByteBuffer] = []
    private(set) var flushCount = 0
    /// Called in every flush, as a stream may call back.
    var onFlush: () -> Void = {}

    private(set) var isReading = true
    private(set) var isAborted = false

    init(
        roomByteCount: Int = .max,
        loop: (any EventLoop)? = nil,
        carriage: Carriage = .octets
    ) {
        self.roomByteCount = roomByteCount
        self.loop = loop ?? embedded
        self.carriage = carriage
    }

    var isWritable: Bool { roomByteCount > 0 }

    func write(_ buffer: ByteBuffer) {
        writes.append(Array(buffer.readableBytesView))
        buffers.append(buffer)
        roomByteCount -= min(roomByteCount, buffer.readableBytes)
    }

    func flush() {
        flushCount += 1
        onFlush()
    }

    func setReading(_ isReading: Bool) { self.isReading = isReading }
    func finish() {}
    func abort() { isAborted = true }

    /// Everything that was written.
    var octets: [UInt8] { writes.flatMap { $0 } }

    /// The memory behind everything that was written, each storage once.
    var heldByteCount: Int {
        var seen = Set<UnsafeMutableRawPointer>()
        return buffers.reduce(0) { sum, buffer in
            let storage = buffer.withVeryUnsafeBytesWithStorageManagement { $1.toOpaque() }
            return seen.insert(storage).inserted ? sum + buffer.storageCapacity : sum
        }
    }

    /// The first frame's body of every message that was written.
    var topics: [String] {
        octets.withUnsafeBytes { bytes in
            var walker = MessageWalker(bytes)
            var topics: [String] = []
            while walker.next() {
                topics.append(String(decoding: bytes[walker.topic], as: UTF8.self))
            }
            return topics
        }
    }
}
