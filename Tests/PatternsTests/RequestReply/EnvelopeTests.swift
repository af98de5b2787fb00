import Patterns
import Testing
import Wire

@Suite struct EnvelopeTests {
    private static func message(_ frames: [UInt8]...) -> [UInt8] {
        var octets: [UInt8] = []
        for (index, frame) in frames.enumerated() {
            frame.withUnsafeBytes {
                FrameHeader.append(body: $0, hasMore: index < frames.count - 1, to: &octets)
            }
        }
        return octets
    }

    private static func envelope(_ message: [UInt8], from start: Int = 0) -> Envelope? {
        message.withUnsafeBytes { Envelope($0, from: start) }
    }

    /// RFC 28, "REP": everything up to and including the first empty frame is the address envelope.
    @Test func `the first empty frame ends the envelope`() {
        #expect(Self.envelope(Self.message([], [1])) == Envelope(envelope: 0..<2, body: 2..<5))
        #expect(
            Self.envelope(Self.message([1], [2, 3], [], [4], []))
                == Envelope(envelope: 0..<9, body: 9..<14)
        )
        let long = Self.message([UInt8](repeating: 7, count: 300), [], [])
        #expect(Self.envelope(long) == Envelope(envelope: 0..<311, body: 311..<313))
    }

    @Test func `without an empty frame before a body there is none`() {
        #expect(Self.envelope(Self.message([])) == nil)
        #expect(Self.envelope(Self.message([1])) == nil)
        #expect(Self.envelope(Self.message([1], [2])) == nil)
        #expect(Self.envelope(Self.message([1], [])) == nil)
    }

    @Test func `it may begin after an address`() {
        let message = Self.message([9, 9, 9, 9], [], [1])
        #expect(Self.envelope(message, from: 6) == Envelope(envelope: 6..<8, body: 8..<11))
    }
}
