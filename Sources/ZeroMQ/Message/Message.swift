package import DataPlane
package import NIOCore
import Wire

/// One or more frames that travel together.
///
/// A message is kept as it stands on the wire (ZMTP 3 frames), so that receiving one is taking a slice and sending
/// one is appending octets; frames are found when asked for. Copies share storage. Two messages are equal whose frames are,
/// wherever they came from.
public struct Message: Sendable, Equatable, ExpressibleByArrayLiteral,
    ExpressibleByStringInterpolation
{
    /// The frames with their headers.
    package var encoded: ByteBuffer
    /// The connection that it came by, for `Socket.properties(of:)`: a number and not the properties, which would cost every message a
    /// reference.
    package private(set) var source = PeerID.none

    /// `encoded` holds exactly one whole message.
    package init(encoded: ByteBuffer, from source: PeerID = .none) {
        self.encoded = encoded
        self.source = source
    }

    /// `nil` for what is no message.
    init?(_ item: Mailbox.Item) {
        guard case .message(let encoded, let source) = item else { return nil }
        self.init(encoded: encoded, from: source)
    }

    public static func == (left: Message, right: Message) -> Bool { left.encoded == right.encoded }

    /// A message of these frames, in order. A message has at least one frame: of none at all, it is one empty frame.
    public init(_ frames: some Collection<Frame>) {
        encoded = ByteBuffer()
        guard !frames.isEmpty else {
            encoded.writeFrameHeader(bodyByteCount: 0, hasMore: false)
            return
        }
        var left = frames.count
        for frame in frames {
            left -= 1
            encoded.writeFrameHeader(bodyByteCount: frame.count, hasMore: left > 0)
            encoded.writeImmutableBuffer(frame.buffer)
        }
    }

    public init(arrayLiteral frames: Frame...) {
        self.init(frames)
    }

    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// A message of one frame.
    public init(_ text: String) {
        self.init([Frame(text)])
    }

    /// A message of one frame.
    public init(_ bytes: UnsafeRawBufferPointer) {
        encoded = ByteBuffer()
        encoded.reserveCapacity(FrameHeader.frameByteCount(bodyByteCount: bytes.count))
        encoded.writeFrameHeader(bodyByteCount: bytes.count, hasMore: false)
        encoded.writeBytes(bytes)
    }

    /// A message of one frame.
    public init(_ bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { Message($0) }
    }

    /// How many frames; walks them.
    public var count: Int {
        var count = 0
        forEachBody { _ in
            count += 1
            return true
        }
        return count
    }

    /// The frames in order.
    public var frames: [Frame] {
        var frames: [Frame] = []
        forEachBody { range in
            frames.append(frame(in: range))
            return true
        }
        return frames
    }

    /// The frame at that position, counted from 0, or an empty one where the message has none.
    ///
    /// How many frames a message has is for its sender to say, so no position is a programming error. Where an absent frame must
    /// not be taken for an empty one, ask `frame(at:)`, or let `message[checked: position]` throw.
    public subscript(position: Int) -> Frame {
        frame(at: position) ?? Frame(ByteBuffer())
    }

    /// The frame at that position, counted from 0.
    ///
    /// - Throws: `ZeroMQError` with the code `missingFrame`, which says how many frames there are.
    public subscript(checked position: Int) -> Frame {
        get throws(ZeroMQError) {
            if let frame = frame(at: position) { return frame }
            let count = count
            throw ZeroMQError(
                .missingFrame,
                "the message has no frame \(position): it has \(count == 1 ? "one frame" : "\(count) frames"), counted from 0"
            )
        }
    }

    /// The frame at that position, counted from 0; `nil` where the message has none.
    public func frame(at position: Int) -> Frame? {
        var index = 0
        var found: Range<Int>?
        forEachBody { range in
            guard index == position else {
                index += 1
                return true
            }
            found = range
            return false
        }
        return found.map { frame(in: $0) }
    }

    /// The octets of all frames' bodies together.
    public var byteCount: Int {
        var byteCount = 0
        forEachBody { range in
            byteCount += range.count
            return true
        }
        return byteCount
    }

    private func frame(in range: Range<Int>) -> Frame {
        Frame(
            encoded.getSlice(at: encoded.readerIndex + range.lowerBound, length: range.count)
                ?? ByteBuffer()
        )
    }

    /// Calls `body` with the place of each frame's body, until it returns `false`.
    private func forEachBody(_ body: (Range<Int>) -> Bool) {
        encoded.withUnsafeReadableBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let flags = bytes[offset]
                let isLong = flags & FrameHeader.long != 0
                let start = offset + (isLong ? 9 : 2)
                let byteCount =
                    isLong
                    ? Int(truncatingIfNeeded: BigEndian.loadUInt64(bytes, at: offset + 1))
                    : Int(bytes[offset + 1])
                offset = start + byteCount
                guard body(start..<offset) else { return }
            }
        }
    }
}

extension ByteBuffer {
    mutating func writeFrameHeader(bodyByteCount: Int, hasMore: Bool) {
        writeInteger(FrameHeader.flags(bodyByteCount: bodyByteCount, hasMore: hasMore))
        if bodyByteCount > 255 {
            writeInteger(UInt64(bodyByteCount))
        } else {
            writeInteger(UInt8(truncatingIfNeeded: bodyByteCount))
        }
    }
}

extension Message: CustomStringConvertible {
    /// The frames as a log shows them: `[weather.oslo, -4 °C]`.
    public var description: String {
        "[\(frames.map(\.description).joined(separator: ", "))]"
    }
}
