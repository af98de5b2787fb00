/// Parity over payloads as packets carry them (RFC 3208 §11.2, "Variable TSDU length").
///
///     payloads   │ d0 ………│ d1 …………… │ d2 …… │       of different lengths: padded with zeros, the length behind them
///     parity     │ Σ coefficient × d … │ Σ length │
extension ReedSolomon {
    /// Octets of a length behind the longest payload.
    public static let lengthByteCount = 2

    /// Octets of a parity packet's payload.
    public static func parityByteCount(longest: Int, hasLengths: Bool) -> Int {
        longest + (hasLengths ? lengthByteCount : 0)
    }

    /// Computes one parity packet.
    ///
    /// - Precondition: there are as many payloads as the group has packets, the index is below `parityCountMax`, and the
    ///   output is as long as the longest payload, and two octets longer with lengths.
    public func encode(
        parity index: Int,
        of payloads: [UnsafeRawBufferPointer],
        hasLengths: Bool,
        into output: UnsafeMutableRawBufferPointer
    ) {
        precondition(payloads.count == groupSize, "not a whole transmission group")
        let longest = payloads.map(\.count).max() ?? 0
        precondition(
            output.count == Self.parityByteCount(longest: longest, hasLengths: hasLengths),
            "the output does not have the length of the parity packet"
        )
        output.initializeMemory(as: UInt8.self, repeating: 0)
        let tail = UnsafeMutableRawBufferPointer(rebasing: output[longest...])
        for (data, payload) in payloads.enumerated() {
            add(payload, at: data, to: output, parityIndex: index)
            guard hasLengths else { continue }
            withUnsafeBytes(of: UInt16(truncatingIfNeeded: payload.count).bigEndian) {
                add($0, at: data, to: tail, parityIndex: index)
            }
        }
    }

    /// Computes the payloads that a receiver asks for; `nil` when what it has does not fit together.
    ///
    /// `payload` gives the data packets of the group that are there, `parity` the parity packets by their index.
    public func reconstruct(
        _ task: Reconstruction,
        payload: (SequenceNumber) -> UnsafeRawBufferPointer?,
        parity: (Int) -> UnsafeRawBufferPointer?
    ) -> [[UInt8]]? {
        let missing = task.missing.map { $0.distance(from: task.group) }
        guard task.groupSize == groupSize, !missing.isEmpty, isOneEach(missing, below: groupSize),
            missing.count == task.parity.count, isOneEach(task.parity, below: parityCountMax),
            let byteCount = parity(task.parity[0])?.count
        else { return nil }
        let end = byteCount - (task.hasLengths ? Self.lengthByteCount : 0)
        guard end >= 0 else { return nil }
        // Data packets with padding and length, then the parity packets, which turn into what is missing.
        let slots = UnsafeMutableRawBufferPointer.allocate(
            byteCount: byteCount * (groupSize + missing.count),
            alignment: 16
        )
        defer { slots.deallocate() }
        slots.initializeMemory(as: UInt8.self, repeating: 0)
        func slot(_ index: Int) -> UnsafeMutableRawBufferPointer {
            let start = index * byteCount
            return UnsafeMutableRawBufferPointer(rebasing: slots[start..<(start + byteCount)])
        }
        for index in 0..<groupSize where !missing.contains(index) {
            guard let known = payload(task.group + index), known.count <= end,
                task.hasLengths || known.count == end
            else { return nil }
            slot(index).copyBytes(from: known)
            if task.hasLengths { slot(index).store(length: known.count, at: end) }
        }
        for (row, index) in task.parity.enumerated() {
            guard let octets = parity(index), octets.count == byteCount else { return nil }
            slot(groupSize + row).copyBytes(from: octets)
        }
        reconstruct(
            missing: missing,
            parityIndices: task.parity,
            parity: missing.indices.map { slot(groupSize + $0) },
            data: (0..<groupSize).map { UnsafeRawBufferPointer(slot($0)) }
        )
        var payloads: [[UInt8]] = []
        for row in missing.indices {
            let padded = slot(groupSize + row)
            let length = task.hasLengths ? padded.length(at: end) : end
            guard length <= end else { return nil }
            payloads.append(Array(padded[..<length]))
        }
        return payloads
    }

    private func isOneEach(_ indices: [Int], below bound: Int) -> Bool {
        indices.allSatisfy { (0..<bound).contains($0) } && Set(indices).count == indices.count
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate func store(length: Int, at offset: Int) {
        self[offset] = UInt8(truncatingIfNeeded: length >> 8)
        self[offset + 1] = UInt8(truncatingIfNeeded: length)
    }

    fileprivate func length(at offset: Int) -> Int {
        Int(self[offset]) << 8 | Int(self[offset + 1])
    }
}
