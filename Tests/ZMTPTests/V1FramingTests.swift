import Simulation
import Testing
import Wire

@testable import ZMTP

/// RFC 13 "The Framing Layer".
struct V1FramingTests {
    private static func decode(_ pieces: [[UInt8]]) throws -> [UInt8] {
        var decoder = V1Decoder()
        var frames: [UInt8] = []
        for piece in pieces {
            // Exactly as much room as was asked for: to write beyond it is a crash.
            var room = [UInt8](repeating: 0, count: decoder.byteCountMax(decoding: piece.count))
            let byteCount = try room.withUnsafeMutableBytes { room in
                try piece.withUnsafeBytes { piece in
                    try decoder.decode(piece, into: room)
                }
            }
            frames += room.prefix(byteCount)
        }
        return frames
    }

    private static func encode(_ frames: [UInt8]) -> [UInt8] {
        var encoder = V1Encoder()
        var octets = [UInt8](repeating: 0, count: encoder.byteCountMax(encoding: frames.count))
        let byteCount = frames.withUnsafeBytes { frames in
            octets.withUnsafeMutableBytes { encoder.encode(frames, into: $0) }
        }
        return Array(octets.prefix(byteCount))
    }

    /// Frames of ZMTP 1.0, and the same frames of ZMTP 3.
    static let pairs: [(v1: String, v3: String)] = [
        ("01 00", "00 00"),
        ("02 00 41", "00 01 41"),
        ("03 01 41 42 01 00", "01 02 41 42 00 00"),
        ("FE 00 AA*253", "00 FD AA*253"),
        ("FF 00*7 FF 00 AA*254", "00 FE AA*254"),
        ("FF 00*6 01 00 01 AA*255 02 00 42", "01 FF AA*255 00 01 42"),
        ("FF 00*6 01 01 00 AA*256", "02 00*6 01 00 AA*256"),
        ("FF 00*6 01 01 01 AA*256 01 00", "03 00*6 01 00 AA*256 00 00"),
    ]

    @Test(arguments: pairs)
    func `frames go both ways`(_ pair: (v1: String, v3: String)) throws {
        let (v1, v3) = (octets(pair.v1), octets(pair.v3))
        #expect(try Self.decode([v1]) == v3)
        #expect(Self.encode(v3) == v1)
        for offset in 0...v1.count {
            #expect(try Self.decode([Array(v1[..<offset]), Array(v1[offset...])]) == v3)
        }
        #expect(try Self.decode(v1.map { [$0] }) == v3)
    }

    @Test func `many frames keep their order, and their room`() throws {
        let v1 = Self.pairs.flatMap { octets($0.v1) }
        let v3 = Self.pairs.flatMap { octets($0.v3) }
        #expect(try Self.decode([v1]) == v3)
        #expect(Self.encode(v3) == v1)
        let tight = [UInt8]([0, 254] + [UInt8](repeating: 1, count: 254))
        let many = [[UInt8]](repeating: tight, count: 40).flatMap { $0 }
        #expect(Self.encode(many).count == 40 * 264)
    }

    @Test func `a long form of a short frame is understood`() throws {
        #expect(try Self.decode([octets("FF 00*7 02 00 41")]) == octets("00 01 41"))
    }

    @Test func `empty lengths are discarded, reserved flags mean nothing`() throws {
        #expect(
            try Self.decode([octets("00 02 FE 41 FF 00*8 02 FF 42 01 00")])
                == octets("00 01 41 01 01 42 00 00")
        )
    }

    @Test func `a length beyond 63 bits is refused`() {
        #expect(throws: FrameViolation.frameTooLong(byteCount: .max, limit: .max)) {
            try Self.decode([octets("FF 80 00*7")])
        }
    }

    @Test func `commands do not exist for it`() {
        #expect(
            Self.encode(octets("00 01 41") + Command.pingFrame(ttl: 0) + octets("00 01 42"))
                == octets("02 00 41 02 00 42")
        )
    }
}
