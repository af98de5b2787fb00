import PGM
import Testing

struct FragmentTests {
    private func content(_ first: UInt32, _ offset: UInt32, _ count: UInt32) -> PacketOption.Content
    {
        .fragment(first: SequenceNumber(first), offset: offset, byteCount: count)
    }

    @Test func `RFC 3208 §9.2.2: a unit is cut into packets that name its first one`() {
        let fragments = Array(
            Fragmentation(first: SequenceNumber(7), byteCount: 3_001, payloadByteCountMax: 1_400)
        )
        #expect(fragments.map(\.octets) == [0..<1_400, 1_400..<2_800, 2_800..<3_001])
        #expect(fragments.map(\.option.content) == [0, 1_400, 2_800].map { content(7, $0, 3_001) })
    }

    @Test func `RFC 3208 §9.2.3: what was cut is put together, over the wrap of numbers too`() {
        let first = SequenceNumber(.max)
        var assembly = FragmentAssembly()
        var outcomes: [FragmentAssembly.Outcome] = []
        let pieces = Fragmentation(first: first, byteCount: 250, payloadByteCountMax: 100)
        for (step, fragment) in pieces.enumerated() {
            outcomes.append(
                assembly.handle(
                    first + step,
                    payloadByteCount: fragment.octets.count,
                    fragment: fragment.option.content
                )
            )
        }
        #expect(outcomes == [.part, .part, .complete(SequenceRange(first: first, count: 3))])
        #expect(assembly.handle(first + 3, payloadByteCount: 9, fragment: nil) == .whole)
    }

    @Test func `what does not follow is malformed, and the next beginning is heard`() {
        var assembly = FragmentAssembly(byteCountMax: 1_000)
        func handle(
            _ number: UInt32,
            _ count: Int,
            _ fragment: PacketOption.Content?
        )
            -> FragmentAssembly.Outcome
        {
            assembly.handle(SequenceNumber(number), payloadByteCount: count, fragment: fragment)
        }
        #expect(handle(1, 10, content(0, 10, 30)) == .malformed)  // joined in its middle
        #expect(handle(2, 10, content(2, 0, 30)) == .part)
        #expect(handle(3, 10, content(2, 20, 30)) == .malformed)  // a hole
        #expect(handle(4, 10, content(4, 0, 30)) == .part)
        #expect(handle(5, 40, content(4, 10, 30)) == .malformed)  // too much
        #expect(handle(6, 10, content(6, 0, 2_000)) == .malformed)  // too long
        #expect(handle(7, 10, content(7, 0, 30)) == .part)
        #expect(handle(8, 10, nil) == .malformed)
        #expect(handle(9, 10, content(9, 0, 20)) == .part)
        assembly.handleLoss()
        #expect(handle(11, 10, content(9, 10, 20)) == .malformed)
        #expect(
            handle(12, 20, content(12, 0, 20))
                == .complete(SequenceRange(first: SequenceNumber(12), count: 1))
        )
    }
}
