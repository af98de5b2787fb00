import DataPlane
import NIOCore
import Routing
import Wire

/// Makes BATCHes of numbers and messages, none longer than tree-link.md (B2) allows.
struct BatchWriter {
    private let header: BatchHeader
    private var first: UInt64
    private var contained: [LinkNumbers] = []
    private var runs: [ByteBuffer] = []
    private var byteCount = 0
    private(set) var frames: [LinkFrames] = []

    init(_ header: BatchHeader) {
        self.header = header
        first = header.numbers?.lowerBound ?? 1
    }

    /// Adds whole messages, the first of the number `number`; numbers ascend.
    mutating func add(_ number: UInt64, _ messageCount: Int, _ octets: ByteBuffer) {
        if byteCount > 0, byteCount + octets.readableBytes > Self.byteCountMax {
            finish(through: contained[contained.count - 1].upperBound)
        }
        let last = number + UInt64(messageCount) - 1
        if let before = contained.last, before.upperBound + 1 == number {
            contained[contained.count - 1] = before.lowerBound...last
        } else {
            contained.append(number...last)
        }
        runs.append(octets)
        byteCount += octets.readableBytes
    }

    /// All of them; what is behind the last message is told of, too.
    mutating func finish() -> [LinkFrames] {
        if let numbers = header.numbers {
            if first <= numbers.upperBound { finish(through: numbers.upperBound) }
        } else {
            frames.append(LinkFrames("BATCH", header.octets))
        }
        return frames
    }

    private mutating func finish(through last: UInt64) {
        let part = header.part(first...last, contained: contained)
        frames.append(LinkFrames("BATCH", part.octets, runs))
        first = last + 1
        contained = []
        runs = []
        byteCount = 0
    }

    static let byteCountMax = 256 << 10
}

extension ParcelHeader {
    /// PARCELs of the messages, none longer than one of 256 KiB or one message.
    func frames(_ runs: [(messageCount: Int, octets: ByteBuffer)]) -> [LinkFrames] {
        var frames: [LinkFrames] = []
        var part = self
        part.count = 0
        var octets: [ByteBuffer] = []
        var byteCount = 0
        func finish() {
            frames.append(LinkFrames("PARCEL", part.octets, octets))
            part.first += part.count
            part.count = 0
            octets = []
            byteCount = 0
        }
        for run in runs {
            if byteCount > 0, byteCount + run.octets.readableBytes > BatchWriter.byteCountMax {
                finish()
            }
            part.count += UInt64(run.messageCount)
            octets.append(run.octets)
            byteCount += run.octets.readableBytes
        }
        if part.count > 0 { finish() }
        return frames
    }
}
