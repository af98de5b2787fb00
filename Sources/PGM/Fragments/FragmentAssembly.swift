/// Finds the units (APDUs) in a stream of packets that come in order (RFC 3208 §9.2.3). It holds numbers; who calls keeps
/// the payloads of a unit that has begun.
///
///     no option            ──▶ whole: a unit of its own
///     offset 0             ──▶ part
///     offset as expected   ──▶ part, or complete with the last octet
///     anything else, loss  ──▶ malformed: the begun unit is dropped, the next offset 0 begins another
public struct FragmentAssembly: Sendable {
    public enum Outcome: Hashable, Sendable {
        case whole
        /// Keep the payload.
        case part
        /// The payloads under these numbers are one unit, this packet's the last.
        case complete(SequenceRange)
        /// Drop what was kept; this packet belongs to nothing.
        case malformed
    }

    private struct Unit: Sendable {
        var first: SequenceNumber
        var byteCount: Int
        var received: Int
        var packetCount: Int
    }

    /// Longer units are malformed.
    public let byteCountMax: Int
    private var unit: Unit?

    public init(byteCountMax: Int = 1 << 30) {
        self.byteCountMax = byteCountMax
    }

    /// Numbers are lost: a begun unit is.
    public mutating func handleLoss() { unit = nil }

    /// The next packet in order, with the content of its OPT_FRAGMENT.
    public mutating func handle(
        _ number: SequenceNumber,
        payloadByteCount: Int,
        fragment: PacketOption.Content?
    ) -> Outcome {
        guard case .fragment(let first, let offset, let byteCount)? = fragment else {
            defer { unit = nil }
            return unit == nil ? .whole : .malformed
        }
        var current =
            unit ?? Unit(first: number, byteCount: Int(byteCount), received: 0, packetCount: 0)
        if offset == 0 {
            current = Unit(first: number, byteCount: Int(byteCount), received: 0, packetCount: 0)
        }
        unit = nil
        guard first == current.first, Int(offset) == current.received, payloadByteCount > 0,
            Int(byteCount) == current.byteCount, current.byteCount <= byteCountMax,
            payloadByteCount <= current.byteCount - current.received
        else { return .malformed }
        current.received += payloadByteCount
        current.packetCount += 1
        if current.received == current.byteCount {
            return .complete(SequenceRange(first: current.first, count: current.packetCount))
        }
        unit = current
        return .part
    }
}
