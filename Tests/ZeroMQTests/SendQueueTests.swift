import DataPlane
import NIOCore
import Simulation
import SocketTestSupport
import Testing
import Transports

@testable import ZeroMQ

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
            let message = Message([UInt8](repeating: UInt8(number), count: byteCount)).encoded
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
}
