import NIOCore
import Simulation
import Testing
import Transports

@testable import DataPlane

@Suite struct ChunkStockTests {
    private static func address(_ buffer: ByteBuffer) -> UnsafeRawPointer? {
        buffer.withVeryUnsafeBytes { $0.baseAddress }
    }

    @Test func `a storage that nobody has any more is filled again`() {
        var stock = ChunkStock(byteCount: 1_024)
        var current: ByteBuffer? = stock.exchange(nil)
        var addresses = Set<UnsafeRawPointer?>()
        for _ in 0..<100 {
            current = stock.exchange(current.take())
            addresses.insert(current.flatMap(Self.address))
        }
        #expect(addresses.count == 2)
        #expect(current?.readableBytes == 0)
        #expect(current?.capacity == 1_024)
    }

    @Test func `a storage that somebody has is left to them`() {
        var stock = ChunkStock(byteCount: 1_024)
        var held: [ByteBuffer] = []
        var current: ByteBuffer? = stock.exchange(nil)
        for number in 0..<100 {
            current?.writeInteger(number)
            if let current { held.append(current) }
            current = stock.exchange(current.take())
        }
        #expect(held.map { $0.getInteger(at: 0, as: Int.self) } == (0..<100).map { $0 })
        #expect(Set(held.map(Self.address)).count == 100)
    }

    /// As many as are in use at once are remembered, up to a bound, and one when there is nothing to do.
    @Test func `as many are kept as are in use, within a bound`() {
        var stock = ChunkStock(byteCount: 1_024)
        func newCount(whenHolding count: Int) -> Int {
            var held: [ByteBuffer] = []
            var seen = Set<UnsafeRawPointer?>()
            var current: ByteBuffer? = stock.exchange(nil)
            for turn in 0..<300 {
                if let current { held.append(current) }
                if held.count > count { held.removeFirst() }
                current = stock.exchange(current.take())
                if turn >= 200 { seen.insert(current.flatMap(Self.address)) }
            }
            return seen.count
        }
        #expect(newCount(whenHolding: 5) <= 7)
        stock.trim()
        #expect(newCount(whenHolding: 2) <= 4)
    }
}

/// The loop takes whole storages or copies, a link takes slices of a storage that is appended to behind them.
@Suite struct OpenChunkTests {
    @Test func `slices stay as they are while more is appended behind them`() {
        var chunk = OpenChunk()
        var taken: [ByteBuffer] = []
        var expected: [[UInt8]] = []
        for number in 0..<2_000 {
            let message = Encoded.message(number: number, byteCount: 500)
            let isAppended = chunk.append(message)
            #expect(isAppended)
            expected.append(Array(message.readableBytesView))
            taken.append(chunk.takeSlice())
        }
        #expect(taken.map { Array($0.readableBytesView) } == expected)
        // Many of one storage.
        #expect(HeldMemory(taken).byteCount < 3 * 2_000 * 510)
    }

    @Test func `few octets that the loop takes do not keep a storage, and slices leave it`() {
        var chunk = OpenChunk()
        for number in 0..<3 { _ = chunk.append(Encoded.message(number: number)) }
        let few = chunk.take()
        #expect(few.readableBytes == 30)
        #expect(few.storageCapacity < 100)
        for number in 0..<80 { _ = chunk.append(Encoded.message(number: number, byteCount: 500)) }
        let many = chunk.takeSlice()
        _ = chunk.append(Encoded.message(number: 3))
        let next = chunk.takeSlice()
        #expect(next == Encoded.message(number: 3))
        #expect(HeldMemory([many, next]).byteCount == many.storageCapacity)
    }

    /// Links come and go, the loop takes in between: nobody's octets change.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func `every way of taking gives what was appended since the last one`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var chunk = OpenChunk()
        var pending: [UInt8] = []
        var taken: [ByteBuffer] = []
        var expected: [[UInt8]] = []
        for number in 0..<3_000 {
            let message = Encoded.message(
                number: number,
                byteCount: Int.random(in: 8..<4_000, using: &generator)
            )
            if !chunk.append(message) {
                taken.append(Bool.random(using: &generator) ? chunk.takeSlice() : chunk.take())
                expected.append(pending)
                pending = []
                let isAppended = chunk.append(message)
                #expect(isAppended, "an empty chunk has room, seed \(seed)")
            }
            pending += message.readableBytesView
            guard Int.random(in: 0..<4, using: &generator) == 0 else { continue }
            taken.append(Bool.random(using: &generator) ? chunk.takeSlice() : chunk.take())
            expected.append(pending)
            pending = []
        }
        #expect(taken.map { Array($0.readableBytesView) } == expected, "seed \(seed)")
    }
}
