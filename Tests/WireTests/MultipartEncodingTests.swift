import Simulation
import Testing
import Wire

/// RFC 50, by vectors that were written down from its diagrams, and by chance.
struct MultipartEncodingTests {
    private static func encode(_ frames: [[UInt8]]) throws -> [UInt8] {
        try frames.flatMap { try MultipartEncoding.header(frameByteCount: $0.count) + $0 }
    }

    private static func decode(_ octets: [UInt8]) throws(MultipartEncoding.Failure) -> [[UInt8]] {
        let ranges: [Range<Int>]
        do { ranges = try octets.withUnsafeBytes { try MultipartEncoding.frames(in: $0) } } catch {
            throw error as? MultipartEncoding.Failure ?? .cutShort(offset: -1)
        }
        return ranges.map { Array(octets[$0]) }
    }

    private static let vectors: [(frames: [[UInt8]], octets: [UInt8])] = [
        ([], []),
        ([[]], [0]),
        ([[], [], [0xFF]], [0, 0, 1, 0xFF]),
        ([Array("GET".utf8), Array("a".utf8)], [3, 0x47, 0x45, 0x54, 1, 0x61]),
        ([[UInt8](repeating: 7, count: 254)], [254] + [UInt8](repeating: 7, count: 254)),
        (
            [[UInt8](repeating: 7, count: 255)],
            [0xFF, 0, 0, 0, 255] + [UInt8](repeating: 7, count: 255)
        ),
        (
            [[UInt8](repeating: 7, count: 65_536), [1]],
            [0xFF, 0, 1, 0, 0] + [UInt8](repeating: 7, count: 65_536) + [1, 1]
        ),
    ]

    @Test(arguments: vectors)
    func `golden vectors`(frames: [[UInt8]], octets: [UInt8]) throws {
        #expect(try Self.encode(frames) == octets)
        #expect(try Self.decode(octets) == frames)
    }

    @Test func `a short frame may come in the long form`() throws {
        #expect(try Self.decode([0xFF, 0, 0, 0, 2, 8, 9, 0]) == [[8, 9], []])
    }

    @Test(
        arguments: [
            ([1], 0), ([0, 2, 5], 1), ([0xFF], 0), ([0, 0xFF, 0, 0, 1], 1),
            ([0xFF, 0, 0, 0, 2, 1], 0), ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], 0),
        ] as [([UInt8], Int)]
    )
    func `what is cut short is an error, with its place`(octets: [UInt8], offset: Int) {
        #expect(throws: MultipartEncoding.Failure.cutShort(offset: offset)) {
            try Self.decode(octets)
        }
    }

    @Test func `a size beyond 32 bits is an error`() throws {
        #expect(
            try MultipartEncoding.header(frameByteCount: 0xFFFF_FFFF) == [255, 255, 255, 255, 255]
        )
        #expect(throws: MultipartEncoding.Failure.frameTooLong(byteCount: 1 << 32)) {
            try MultipartEncoding.header(frameByteCount: 1 << 32)
        }
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `any octets decode to frames that lie within, or to an error`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let octets = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
            UInt8.random(in: 0...255, using: &generator) % (seed.isMultiple(of: 2) ? 8 : 255)
        }
        guard let frames = try? Self.decode(octets) else { return }
        #expect(try Self.decode(Self.encode(frames)) == frames)
    }
}
