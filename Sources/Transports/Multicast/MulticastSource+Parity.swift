import PGM
import Wire

extension MulticastSource {
    /// Computes a parity packet from the stored packets of its group and sends it.
    func sendParity(_ request: ParityRequest) {
        guard let code = parityCode, code.groupSize == request.groupSize else { return }
        let headByteCount = DataPacket.headerByteCount()
        let packets = (0..<request.groupSize).compactMap { store[request.group + $0] }
        // Packets that have left the window can no longer be repaired.
        guard packets.count == request.groupSize else { return }
        let payloads = packets.map { UnsafeRawBufferPointer(rebasing: $0[headByteCount...]) }
        let longest = payloads.reduce(0) { max($0, $1.count) }
        let isVariable = payloads.contains { $0.count != longest }
        let byteCount = longest + (isVariable ? KeptPayloads.lengthByteCount : 0)
        let parityHead = DataPacket.headerByteCount(options: request.options)
        var packet = [UInt8](repeating: 0, count: parityHead + byteCount)
        packet.withUnsafeMutableBytes { bytes in
            let parity = UnsafeMutableRawBufferPointer(rebasing: bytes[parityHead...])
            for (index, payload) in payloads.enumerated() {
                guard isVariable else {
                    code.add(payload, at: index, to: parity, parityIndex: request.index)
                    continue
                }
                // Zeros, then the length (RFC 3208 §11.2).
                var padded = [UInt8](repeating: 0, count: byteCount)
                padded.replaceSubrange(0..<payload.count, with: payload)
                padded[longest] = UInt8(truncatingIfNeeded: payload.count >> 8)
                padded[longest + 1] = UInt8(truncatingIfNeeded: payload.count)
                padded.withUnsafeBytes {
                    code.add($0, at: index, to: parity, parityIndex: request.index)
                }
            }
            packetFormat.write(
                request.type,
                request.fields,
                flags: isVariable ? [.parity, .variableLength] : .parity,
                options: request.options,
                into: bytes
            )
            sendNow(UnsafeRawBufferPointer(bytes))
        }
    }
}
