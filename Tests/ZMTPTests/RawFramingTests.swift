import Testing
import Wire
import ZMTP

/// STREAM: octets without frames.
@Suite struct RawFramingTests {
    @Test(arguments: [1, 255, 256, 70_000])
    func `what a read brings is one frame, and goes out as it came`(count: Int) {
        let octets = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        var decoder = RawDecoder()
        var frames = [UInt8](repeating: 0, count: decoder.byteCountMax(decoding: count))
        let byteCount = octets.withUnsafeBytes { octets in
            frames.withUnsafeMutableBytes { decoder.decode(octets, into: $0) }
        }
        #expect(byteCount == FrameHeader.frameByteCount(bodyByteCount: count))
        frames.removeSubrange(byteCount...)
        var encoder = RawEncoder()
        var result = [UInt8](repeating: 0, count: encoder.byteCountMax(encoding: byteCount))
        let resultCount = frames.withUnsafeBytes { frames in
            result.withUnsafeMutableBytes { encoder.encode(frames, into: $0) }
        }
        #expect(Array(result[..<resultCount]) == octets)
    }

    @Test func `several frames leave one after the other, and commands not at all`() {
        let frames: [UInt8] = [1, 2, 7, 8, 4, 3, 1, 65, 66, 0, 0, 0, 1, 9]
        var encoder = RawEncoder()
        var result = [UInt8](repeating: 0, count: encoder.byteCountMax(encoding: frames.count))
        let count = frames.withUnsafeBytes { frames in
            result.withUnsafeMutableBytes { encoder.encode(frames, into: $0) }
        }
        #expect(Array(result[..<count]) == [7, 8, 9])
    }

    /// Nothing is said and nothing is waited for; no PING will ever be sent.
    @Test func `a raw session is established when it opens`() {
        var session = Session(
            options: SessionOptions(local: LocalPeer(socketType: .stream)),
            carriage: .raw
        )
        session.handleOpen(at: Instant(nanoseconds: 0))
        #expect(
            session.nextDirective()
                == .establish(RemotePeer(socketType: .stream, minorVersion: 0))
        )
        #expect(session.nextDirective() == nil)
        #expect(session.deadline == nil)
        #expect(session.isEstablished)
    }
}
