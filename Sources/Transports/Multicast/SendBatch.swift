import CDatagrams

/// Packets on their way to the kernel. Packets of one size that lie one after the other become one datagram, which the
/// kernel cuts; the last of them may be shorter.
struct SendBatch {
    private(set) var datagrams: [xylem_outgoing] = []
    /// The last datagram takes no more.
    private var isLastClosed = true

    var isEmpty: Bool { datagrams.isEmpty }

    /// The octets of every datagram, where they lie.
    var octets: [UnsafeRawBufferPointer] {
        datagrams.map { UnsafeRawBufferPointer(start: $0.bytes, count: $0.byte_count) }
    }

    mutating func append(_ packet: UnsafeRawBufferPointer, joins: Bool) {
        if joins, !isLastClosed, let last = datagrams.indices.last,
            join(packet, toDatagram: last)
        {
            return
        }
        datagrams.append(
            xylem_outgoing(
                bytes: packet.baseAddress,
                byte_count: packet.count,
                segment_byte_count: 0
            )
        )
        isLastClosed = !joins
    }

    private mutating func join(
        _ packet: UnsafeRawBufferPointer,
        toDatagram index: Int
    ) -> Bool {
        var datagram = datagrams[index]
        let segment =
            datagram.segment_byte_count == 0
            ? datagram.byte_count : Int(datagram.segment_byte_count)
        guard let start = datagram.bytes, packet.baseAddress == start + datagram.byte_count,
            packet.count <= segment,
            datagram.byte_count + packet.count <= Self.byteCountMax,
            datagram.byte_count / segment < Self.segmentCountMax
        else { return false }
        datagram.byte_count += packet.count
        datagram.segment_byte_count = UInt16(segment)
        datagrams[index] = datagram
        if packet.count < segment { isLastClosed = true }
        return true
    }

    mutating func removeAll() {
        datagrams.removeAll(keepingCapacity: true)
        isLastClosed = true
    }

    mutating func removeFirst(_ count: Int) {
        datagrams.removeFirst(min(count, datagrams.count))
        isLastClosed = true
    }

    /// As many as one system call takes.
    static let datagramCountMax = 32
    /// What fits one IPv4 datagram; the kernel's limits for one to be cut.
    private static let byteCountMax = 65_000
    private static let segmentCountMax = 64
}
