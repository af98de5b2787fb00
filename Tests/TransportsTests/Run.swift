import Vocabulary
import NIOCore
import Patterns

@testable import Transports

/// Whole messages as they stand on the wire.
struct Run {
    var buffer = ByteBuffer()
    var messageCount = 0

    /// One message for each topic, of one frame that is the topic; with `bodyByteCount` a second frame of that size.
    init(_ topics: [String], bodyByteCount: Int? = nil) {
        for topic in topics {
            append(Array(topic.utf8), hasMore: bodyByteCount != nil)
            if let bodyByteCount {
                append([UInt8](repeating: 7, count: bodyByteCount), hasMore: false)
            }
            messageCount += 1
        }
    }

    var octets: [UInt8] { Array(buffer.readableBytesView) }

    private mutating func append(_ body: [UInt8], hasMore: Bool) {
        let more: UInt8 = hasMore ? 1 : 0
        if body.count > 255 {
            buffer.writeInteger(more | 2)
            buffer.writeInteger(UInt64(body.count))
        } else {
            buffer.writeInteger(more)
            buffer.writeInteger(UInt8(body.count))
        }
        buffer.writeBytes(body)
    }
}

extension Outbox {
    @discardableResult
    func append(_ run: Run, policy: OverflowPolicy = .dropNewest) -> Admission {
        append(run, 0..<run.buffer.readableBytes, messageCount: run.messageCount, policy: policy)
    }

    @discardableResult
    func append(
        _ run: Run,
        _ range: Range<Int>,
        messageCount: Int,
        policy: OverflowPolicy = .dropNewest
    ) -> Admission {
        run.buffer.withUnsafeReadableBytes {
            append(run.buffer, $0, range, messageCount: messageCount, policy: policy)
        }
    }
}
