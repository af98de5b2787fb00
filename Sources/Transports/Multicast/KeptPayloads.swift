import PGM
import Wire

/// Payloads of one source that came before their turn; with parity, every payload of the groups that are not complete.
final class KeptPayloads {
    private struct ParityKey: Hashable {
        var group: UInt32
        var index: Int
    }

    private var store: PacketStore
    private var parity: [ParityKey: [UInt8]] = [:]
    /// With parity: the oldest number that is kept, delivered or not.
    private var oldest: SequenceNumber?

    init(windowPacketCount: Int) {
        store = PacketStore(windowPacketCount: windowPacketCount)
    }

    func keep(_ payload: UnsafeRawBufferPointer, as number: SequenceNumber) {
        store.room(payload.count).copyMemory(from: payload)
        store.store(payload.count, as: number)
    }

    func payload(_ number: SequenceNumber) -> UnsafeRawBufferPointer? {
        store[number].map { UnsafeRawBufferPointer($0) }
    }

    func release(_ number: SequenceNumber) {
        if oldest == nil { store.remove(number) }
    }

    // MARK: - Parity

    func keepParity(_ payload: UnsafeRawBufferPointer, group: SequenceNumber, index: Int) {
        // Forged parity for every group of the window must not fill the memory.
        guard parity.count < Self.parityCountMax else { return }
        parity[ParityKey(group: group.rawValue, index: index)] = Array(payload)
    }

    func forget(before number: SequenceNumber) {
        guard let first = oldest else {
            oldest = number
            return
        }
        guard number.isAfter(first) else { return }
        for step in 0..<min(number.distance(from: first), store.ringCount) {
            store.remove(number - 1 - step)
        }
        oldest = number
        if !parity.isEmpty {
            parity = parity.filter { !number.isAfter(SequenceNumber($0.key.group)) }
        }
    }

    /// Reconstructs lost payloads and keeps them under their numbers; `false` if that is not possible.
    func reconstruct(_ work: Reconstruction) -> Bool {
        var packets = work.parity.compactMap {
            parity[ParityKey(group: work.group.rawValue, index: $0)]
        }
        guard let byteCount = packets.first?.count, packets.count == work.missing.count,
            packets.allSatisfy({ $0.count == byteCount }),
            let data = padded(work, byteCount)
        else { return false }
        let missing = work.missing.map { $0.distance(from: work.group) }
        guard missing.allSatisfy({ (0..<work.groupSize).contains($0) }) else { return false }
        let pointers = packets.indices.map { index in
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 8)
            memory.copyBytes(from: packets[index])
            return memory
        }
        defer { for memory in pointers { memory.deallocate() } }
        let sources = data.map { bytes in
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 8)
            memory.copyBytes(from: bytes)
            return memory
        }
        defer { for memory in sources { memory.deallocate() } }
        ReedSolomon(groupSize: work.groupSize).reconstruct(
            missing: missing,
            parityIndices: work.parity,
            parity: pointers,
            data: sources.map { UnsafeRawBufferPointer($0) }
        )
        packets = []
        let lengths = pointers.map { memory in
            work.hasLengths
                ? Int(
                    BigEndian.loadUInt16(
                        UnsafeRawBufferPointer(memory),
                        at: byteCount - Self.lengthByteCount
                    )
                ) : byteCount
        }
        let room = byteCount - (work.hasLengths ? Self.lengthByteCount : 0)
        guard lengths.allSatisfy({ $0 <= room }) else { return false }
        for (number, (memory, length)) in zip(work.missing, zip(pointers, lengths)) {
            keep(UnsafeRawBufferPointer(rebasing: memory[..<length]), as: number)
        }
        return true
    }

    /// The payloads of the group as parity sees them: all of one length, with their own length behind them if they
    /// differ (RFC 3208 §11.2).
    private func padded(_ work: Reconstruction, _ byteCount: Int) -> [[UInt8]]? {
        let tail = work.hasLengths ? Self.lengthByteCount : 0
        guard byteCount >= tail else { return nil }
        var all: [[UInt8]] = []
        for step in 0..<work.groupSize {
            let number = work.group + step
            var bytes = [UInt8](repeating: 0, count: byteCount)
            if !work.missing.contains(number) {
                guard let payload = payload(number), payload.count <= byteCount - tail else {
                    return nil
                }
                bytes.replaceSubrange(0..<payload.count, with: payload)
                if work.hasLengths {
                    bytes[byteCount - 2] = UInt8(truncatingIfNeeded: payload.count >> 8)
                    bytes[byteCount - 1] = UInt8(truncatingIfNeeded: payload.count)
                }
            }
            all.append(bytes)
        }
        return all
    }

    private static let parityCountMax = 8_192
    static let lengthByteCount = 2
}
