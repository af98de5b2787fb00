import NIOCore
import Testing

@testable import Transports

@Suite struct BurstReadAllocatorTests {
    @Test func aFullReadMakesTheNextOneLarge() {
        var allocator = BurstReadAllocator(idleByteCount: 1 << 10)
        #expect(allocator.byteCount == 1 << 10)
        let isLarger = allocator.record(actualReadBytes: 1 << 10)
        #expect(isLarger)
        #expect(allocator.byteCount == 64 << 10)
        _ = allocator.record(actualReadBytes: 64 << 10)
        #expect(allocator.byteCount == 256 << 10)
        let growsOn = allocator.record(actualReadBytes: 256 << 10)
        #expect(!growsOn)
        #expect(allocator.byteCount == 256 << 10)
        #expect(allocator.buffer(allocator: ByteBufferAllocator()).capacity >= 256 << 10)
    }

    @Test func whatIsNeverFullStaysSmall() {
        var allocator = BurstReadAllocator(idleByteCount: 1 << 10)
        for _ in 0..<100 { _ = allocator.record(actualReadBytes: 1_023) }
        #expect(allocator.byteCount == 1 << 10)
    }

    @Test func littleForLongMakesItSmallAgain() {
        var allocator = BurstReadAllocator(idleByteCount: 1 << 10)
        _ = allocator.record(actualReadBytes: 1 << 10)
        for _ in 0..<7 { _ = allocator.record(actualReadBytes: 10) }
        #expect(allocator.byteCount == 64 << 10)
        // One that is not small begins the count anew.
        _ = allocator.record(actualReadBytes: 30_000)
        for _ in 0..<7 { _ = allocator.record(actualReadBytes: 10) }
        #expect(allocator.byteCount == 64 << 10)
        _ = allocator.record(actualReadBytes: 10)
        #expect(allocator.byteCount == 32 << 10)
        for _ in 0..<1_000 { _ = allocator.record(actualReadBytes: 10) }
        #expect(allocator.byteCount == 1 << 10)
    }
}
