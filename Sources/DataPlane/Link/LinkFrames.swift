package import NIOCore
import Transports
import Wire
import ZMTP

/// A command with messages behind its fields, as pieces that leave one behind the other: what was read is not copied again, unless
/// it is so small that a write of its own would cost more.
package struct LinkFrames {
    package private(set) var pieces: [ByteBuffer] = []
    package private(set) var byteCount = 0

    /// A command without messages.
    package init(_ name: String, _ body: [UInt8]) {
        append(ByteBuffer(bytes: Command.frame(name, body)))
    }

    /// `header`: the command's fields before the messages; `runs`: whole messages.
    package init(_ name: String, _ header: [UInt8], _ runs: [ByteBuffer]) {
        let messageByteCount = runs.reduce(0) { $0 + $1.readableBytes }
        let bodyByteCount = 1 + name.utf8.count + header.count + messageByteCount
        var head = ByteBufferAllocator().buffer(
            capacity: min(messageByteCount, Self.copiedByteCountMax) + header.count + 32
        )
        var fields: [UInt8] = []
        FrameHeader.appendHeader(bodyByteCount: bodyByteCount, isCommand: true, to: &fields)
        head.writeBytes(fields)
        head.writeInteger(UInt8(name.utf8.count))
        head.writeString(name)
        head.writeBytes(header)
        for run in runs {
            if run.readableBytes <= Self.copiedByteCountMax {
                head.writeImmutableBuffer(run)
            } else {
                append(head)
                append(run)
                head = ByteBuffer()
            }
        }
        append(head)
    }

    private mutating func append(_ piece: ByteBuffer) {
        guard piece.readableBytes > 0 else { return }
        pieces.append(piece)
        byteCount += piece.readableBytes
    }

    private static let copiedByteCountMax = 2 << 10
}
