import CryptoBox
import Wire

/// Encrypts what leaves, after a CURVE handshake: each frame of a message and each command becomes a MESSAGE of its own.
///
/// Concrete, and not one of the codecs of a `Carriage`: it works behind whichever of them there is, and is asked for every
/// write.
package struct CurveEncoder: Sendable {
    private let box: TrafficBox
    /// Of the last command that was sent.
    private var nonce: UInt64

    package init(_ traffic: CurveTraffic) {
        box = traffic.outgoing
        nonce = traffic.outgoingNonce
    }

    /// How many octets these whole frames become.
    package func byteCount(encoding frames: UnsafeRawBufferPointer) -> Int {
        var byteCount = 0
        var offset = 0
        while let head = CurveFrame.Head(frames, at: offset) {
            byteCount += CurveFrame.byteCount(
                body: head.bodyByteCount + CurveFrame.overheadByteCount
            )
            offset += head.byteCount + head.bodyByteCount
        }
        return byteCount
    }

    /// Encrypts whole frames into `octets`, which has room for them; gives how many octets it wrote.
    package mutating func encode(
        _ frames: UnsafeRawBufferPointer,
        into octets: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard let source = frames.baseAddress, let target = octets.baseAddress else { return 0 }
        var end = 0
        var offset = 0
        while let head = CurveFrame.Head(frames, at: offset) {
            offset += head.byteCount
            end += CurveFrame.writeHeader(
                0,
                head.bodyByteCount + CurveFrame.overheadByteCount,
                to: target + end
            )
            let base = target + end
            let text = base + TrafficBox.roomByteCount
            text.storeBytes(of: Self.innerFlags(head.flags), as: UInt8.self)
            (text + 1).copyMemory(from: source + offset, byteCount: head.bodyByteCount)
            nonce += 1
            box.seal(base, textByteCount: 1 + head.bodyByteCount, nonce: nonce)
            base.storeBytes(of: CurveFrame.name.littleEndian, as: UInt64.self)
            base.storeBytes(of: nonce.bigEndian, toByteOffset: 8, as: UInt64.self)
            offset += head.bodyByteCount
            end += CurveFrame.overheadByteCount + head.bodyByteCount
        }
        return end
    }

    private static func innerFlags(_ flags: UInt8) -> UInt8 {
        (flags & FrameHeader.more != 0 ? CurveFrame.more : 0)
            | (flags & FrameHeader.command != 0 ? CurveFrame.command : 0)
    }
}
