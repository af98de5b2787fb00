import NIOCore
import Simulation
import Testing
import Transports

@testable import DataPlane

@Suite struct SendQueueTests {
    /// Small messages are copied together, large ones shared: the octets must come out in order all the same.
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `messages of any size come out in order`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let queue = SendQueue(limit: .unlimited)
        var expected: [UInt8] = []
        var taken: [UInt8] = []
        var takenCount = 0
        for number in 0..<100 {
            let isLarge = generator.next().isMultiple(of: 4)
            let byteCount = Int(generator.next() % (isLarge ? 100_000 : 3_000))
            let message = Encoded.message([UInt8](repeating: UInt8(number), count: byteCount))
            expected += message.readableBytesView
            _ = queue.append(message, countRefused: true)
            if generator.next().isMultiple(of: 3), let chunk = queue.take() {
                taken += chunk.buffer.readableBytesView
                takenCount += chunk.messageCount
            }
        }
        while let chunk = queue.take() {
            taken += chunk.buffer.readableBytesView
            takenCount += chunk.messageCount
        }
        #expect(taken == expected, "seed \(seed)")
        #expect(takenCount == 100)
        #expect(queue.isEmpty)
    }

    /// Messages that came out of much larger reads and are sent on.
    @Test func `large slices of larger reads hold what the limit allows`() {
        let limit = QueueLimit(messageCount: .max, byteCount: 4 << 20)
        let queue = SendQueue(limit: limit)
        while true {
            let message = Encoded.message(number: 0, byteCount: 20_000)
            let slice = Encoded.slice([message], ofReadOf: 256 << 10)
            guard queue.append(slice, countRefused: false) != .full else { break }
        }
        var held: [ByteBuffer] = []
        while let chunk = queue.take() { held.append(chunk.buffer) }
        #expect(held.count == limit.byteCount / 20_009)
        #expect(HeldMemory(held).byteCount <= 3 * limit.byteCount)
    }
}
