import PGM
import Simulation
import Testing

@testable import Transports

/// Packets in chunks: found under their numbers, whatever is stored and removed meanwhile.
struct PacketStoreTests {
    @Test(arguments: 0..<20)
    func `it holds what a dictionary holds`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var store = PacketStore(windowPacketCount: 256)
        var model: [UInt32: [UInt8]] = [:]
        let first = UInt32.max - 500
        var next: UInt32 = first
        for _ in 0..<3_000 {
            if random.next() % 3 > 0 {
                let byteCount = 1 + Int(random.next() % 3_000)
                let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: next), count: byteCount)
                store.room(byteCount + 100).copyBytes(from: bytes)
                store.store(byteCount, as: SequenceNumber(next))
                model[next] = bytes
                // Its place in the ring was somebody's.
                model[next &- 256] = nil
                next &+= 1
            } else if let victim = model.keys.sorted().first {
                store.remove(SequenceNumber(victim))
                model[victim] = nil
            }
        }
        #expect(store.packetCount == model.count, "seed \(seed)")
        for number in (0..<600).map({ first &+ UInt32($0) }) {
            let found = store[SequenceNumber(number)].map { Array($0) }
            #expect(found == model[number], "seed \(seed), number \(number)")
        }
    }

    @Test func `packets stored one after the other lie one after the other`() throws {
        var store = PacketStore(windowPacketCount: 16)
        for number in 0..<3 {
            _ = store.room(1_500)
            store.store(1_000, as: SequenceNumber(UInt32(number)))
        }
        let starts = try (0..<3).map { number in
            try #require(store[SequenceNumber(UInt32(number))]?.baseAddress)
        }
        #expect(starts[1] == starts[0] + 1_000 && starts[2] == starts[1] + 1_000)
    }

    @Test func `an open packet keeps its room while others go`() {
        var store = PacketStore(windowPacketCount: 16)
        _ = store.room(1_500)
        store.store(1_000, as: SequenceNumber(0))
        let open = store.room(1_500).baseAddress
        store.remove(SequenceNumber(0))
        #expect(store.room(1_500).baseAddress == open)
    }

    /// A source's window can be smaller than what it hands the kernel at a time.
    @Test(arguments: [true, false])
    func `what waits to be sent is not overwritten by what comes after it`(_ isLent: Bool) {
        var store = PacketStore(windowPacketCount: 256)
        var batch = SendBatch()
        let (count, windowCount, byteCount) = (1_000, 90, 1_400)
        for number in 0..<count {
            let packet = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: byteCount)
            store.room(1_500).copyBytes(from: packet)
            store.store(byteCount, as: SequenceNumber(UInt32(number)))
            if number >= windowCount { store.remove(SequenceNumber(UInt32(number - windowCount))) }
            guard let stored = store[SequenceNumber(UInt32(number))] else { continue }
            if isLent { store.lend() }
            batch.append(UnsafeRawBufferPointer(stored), joins: true)
        }
        let sent = batch.octets.flatMap { Array($0) }
        let isWhole =
            sent
            == (0..<count).flatMap {
                [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: byteCount)
            }
        // Without lending the memory serves again, which is what a window is for.
        #expect(isWhole == isLent)
    }

    @Test func `memory that was lent serves again`() throws {
        var store = PacketStore(windowPacketCount: 256)
        var places: Set<UnsafeMutableRawPointer> = []
        for number in 0..<5_000 {
            store.lend()
            places.insert(try #require(store.room(1_500).baseAddress))
            store.store(1_400, as: SequenceNumber(UInt32(number)))
            store.remove(SequenceNumber(UInt32(number)))
            if number % 50 == 0 { store.takeBack() }
        }
        // 256 KiB at a time, of which 50 packets take 70 KB: two or three of them.
        #expect(places.count < 4 * 190, "\(places.count)")
    }
}
