import Glibc
import PGM

/// Packets under their numbers, in big chunks of memory: nothing is allocated for a single one.
///
///     ring: number & mask ──▶ chunk, offset, length
///     chunks: [ packet packet packet … │ open space ]   the newest is filled; one without packets is used again
///
/// What is stored one after the other lies one after the other, so that the kernel can send it at once.
struct PacketStore: ~Copyable {
    private struct Slot {
        var chunk: Int32 = -1
        var offset: Int32 = 0
        var byteCount: Int32 = 0
        var number: UInt32 = 0
    }

    private struct Chunk {
        var memory: UnsafeMutableRawBufferPointer
        var usedByteCount = 0
        var packetCount = 0
    }

    private var slots: ContiguousArray<Slot> = []
    private let slotCount: Int
    private let mask: UInt32
    private var chunks: ContiguousArray<Chunk> = []
    /// Chunks without packets.
    private var spare: [Int] = []
    /// Chunks without packets whose memory somebody still reads.
    private var lent: [Int] = []
    private var isLent = false
    private var open = -1
    private(set) var packetCount = 0

    /// For numbers that are less than `windowPacketCount` apart.
    init(windowPacketCount: Int) {
        var slotCount = 1
        while slotCount < windowPacketCount { slotCount *= 2 }
        self.slotCount = slotCount
        mask = UInt32(slotCount - 1)
    }

    deinit {
        for chunk in chunks { chunk.memory.deallocate() }
    }

    /// Numbers less far apart than this do not meet in the ring.
    var ringCount: Int { slotCount }

    /// Room for a packet; the same until `store`.
    mutating func room(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
        if open < 0 || chunks[open].memory.count - chunks[open].usedByteCount < byteCount {
            openChunk(byteCount)
        }
        let start = chunks[open].usedByteCount
        return UnsafeMutableRawBufferPointer(
            rebasing: chunks[open].memory[start..<start + byteCount]
        )
    }

    /// Keeps the first octets of the room that was given last, under this number.
    mutating func store(_ byteCount: Int, as number: SequenceNumber) {
        // Allocated with the first packet: most receivers never keep one.
        if slots.isEmpty { slots = ContiguousArray(repeating: Slot(), count: slotCount) }
        let index = Int(number.rawValue & mask)
        if slots[index].chunk >= 0 { remove(SequenceNumber(slots[index].number)) }
        slots[index] = Slot(
            chunk: Int32(open),
            offset: Int32(chunks[open].usedByteCount),
            byteCount: Int32(byteCount),
            number: number.rawValue
        )
        // Packets stay next to each other, whatever their length.
        chunks[open].usedByteCount += byteCount
        chunks[open].packetCount += 1
        packetCount += 1
    }

    /// The packet of this number, if it is here.
    subscript(number: SequenceNumber) -> UnsafeMutableRawBufferPointer? {
        guard !slots.isEmpty else { return nil }
        let slot = slots[Int(number.rawValue & mask)]
        guard slot.chunk >= 0, slot.number == number.rawValue else { return nil }
        let start = Int(slot.offset)
        return UnsafeMutableRawBufferPointer(
            rebasing: chunks[Int(slot.chunk)].memory[start..<start + Int(slot.byteCount)]
        )
    }

    mutating func remove(_ number: SequenceNumber) {
        guard !slots.isEmpty else { return }
        let index = Int(number.rawValue & mask)
        let chunk = Int(slots[index].chunk)
        guard chunk >= 0, slots[index].number == number.rawValue else { return }
        slots[index].chunk = -1
        packetCount -= 1
        chunks[chunk].packetCount -= 1
        // The open chunk is never released: its room may be in use.
        if chunks[chunk].packetCount == 0, chunk != open { release(chunk) }
    }

    /// From now on somebody reads packets where they lie: what is removed is not overwritten until `takeBack`.
    mutating func lend() {
        isLent = true
    }

    mutating func takeBack() {
        guard isLent else { return }
        isLent = false
        while let chunk = lent.popLast() { release(chunk) }
    }

    private mutating func release(_ chunk: Int) {
        guard !isLent else { return lent.append(chunk) }
        chunks[chunk].usedByteCount = 0
        spare.append(chunk)
    }

    private mutating func openChunk(_ byteCount: Int) {
        if open >= 0, chunks[open].packetCount == 0 { release(open) }
        if let index = spare.lastIndex(where: { chunks[$0].memory.count >= byteCount }) {
            open = spare.remove(at: index)
            return
        }
        open = chunks.count
        // A window that grows large gets its memory in large pages: page by page it would cost a tenth of the sending.
        let isLarge = chunks.count >= Self.smallChunkCount
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(isLarge ? Self.largeByteCount : Self.chunkByteCount, byteCount),
            alignment: isLarge ? Self.largeByteCount : 64
        )
        if isLarge { madvise(memory.baseAddress, memory.count, MADV_HUGEPAGE) }
        chunks.append(Chunk(memory: memory))
    }

    private static let smallChunkCount = 8
    private static let largeByteCount = 2 << 20
    private static let chunkByteCount = 256 << 10
}
