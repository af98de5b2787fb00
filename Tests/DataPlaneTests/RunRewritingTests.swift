import NIOCore
import Simulation
import Testing
import Wire

@testable import DataPlane

@Suite struct RunRewritingTests {
    /// A run of messages with one to three frames of any length, and the same with `first` before each.
    private static func run(
        _ generator: inout SeededGenerator,
        first: [UInt8]
    ) -> (run: [UInt8], prefixed: [UInt8], singles: [UInt8], frameCounts: [Int]) {
        var run: [UInt8] = []
        var prefixed: [UInt8] = []
        var singles: [UInt8] = []
        var frameCounts: [Int] = []
        for _ in 0..<Int.random(in: 1...20, using: &generator) {
            let frameCount = Int.random(in: 1...3, using: &generator)
            var message: [UInt8] = []
            for index in 0..<frameCount {
                let count = [0, 1, 255, 256, 2_000].randomElement(using: &generator) ?? 0
                [UInt8](repeating: UInt8(index), count: count).withUnsafeBytes {
                    FrameHeader.append(body: $0, hasMore: index < frameCount - 1, to: &message)
                }
            }
            run += message
            prefixed += first + message
            if frameCount == 1 { singles += message }
            frameCounts.append(frameCount)
        }
        return (run, prefixed, singles, frameCounts)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a frame goes before every message`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let first: [UInt8] = [1, 2, 65, 66]
        let (run, prefixed, _, frameCounts) = Self.run(&generator, first: first)
        let result = ByteBuffer(bytes: run).prepending(first, messageCount: frameCounts.count)
        var runs = PrefixedRuns()
        let earlier = runs.run(result, prepending: first, messageCount: frameCounts.count)
        let octets = Array(earlier.readableBytesView)
        for _ in 0..<100 {
            let again = runs.run(
                ByteBuffer(bytes: run),
                prepending: first,
                messageCount: frameCounts.count
            )
            #expect(again == result)
        }
        // What somebody has stays as it is.
        #expect(Array(earlier.readableBytesView) == octets)
        #expect(Array(result.readableBytesView) == prefixed, "seed \(seed)")
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `messages of several frames are left out and counted`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let (run, _, singles, frameCounts) = Self.run(&generator, first: [])
        let result = ByteBuffer(bytes: run).singleFrameMessages(of: frameCounts.count)
        #expect(Array(result.run.readableBytesView) == singles, "seed \(seed)")
        #expect(result.droppedCount == frameCounts.count { $0 > 1 })
    }
}
