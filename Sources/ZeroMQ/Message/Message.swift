package import NIOCore
import Wire

/// One or more frames that travel together.
///
/// A message is kept as it stands on the wire (ZMTP 3 frames), so that receiving one is taking a slice and sending
/// one is appending octets; frames are found when asked for. Copies share storage.
public struct Message: Sendable, Equatable, ExpressibleByArrayLiteral, ExpressibleByStringLiteral {
    /// The frames with their headers.
    package var encoded: ByteBuffer

    /// `encoded` holds exactly one whole message.
    package init(encoded: ByteBuffer) {
        self.encoded = encoded
    }

    /// A message of these frames, in order; at least one.
    public init(_ frames: some Collection<Frame>) {
        precondition(!frames.isEmpty, "a message has at least one frame")
        encoded = ByteBuffer()
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
            frames.append(frame(at: range))
            return true
        }
        return frames
    }

    /// The frame at that position, counted from 0; asking for one that is not there is a programming error.
    public subscript(position: Int) -> Frame {
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
        guard let found else { preconditionFailure("the message has no frame \(position)") }
        return frame(at: found)
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

    private func frame(at range: Range<Int>) -> Frame {
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
