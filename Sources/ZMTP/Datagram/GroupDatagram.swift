/// One message of RADIO to DISH in a datagram, as libzmq puts it there (RFC 48 says what a group is):
///
///     +--------------+-------+------ - - -+
///     | group length | group | body       |
///     +--------------+-------+------ - - -+
///       1 octet
public enum GroupDatagram {
    /// The longest group.
    public static let groupByteCountMax = 255

    /// `nil`: the datagram is cut short.
    public static func decode(
        _ octets: UnsafeRawBufferPointer
    ) -> (group: Range<Int>, body: Range<Int>)? {
        guard let groupByteCount = octets.first.map(Int.init), groupByteCount < octets.count else {
            return nil
        }
        let end = 1 + groupByteCount
        return (1..<end, end..<octets.count)
    }

    /// Writes a datagram in place of what `octets` holds; the group has at most 255 octets.
    public static func encode(
        group: UnsafeRawBufferPointer,
        body: UnsafeRawBufferPointer,
        into octets: inout [UInt8]
    ) {
        precondition(group.count <= groupByteCountMax, "a group has at most 255 octets")
        octets.removeAll(keepingCapacity: true)
        octets.append(UInt8(group.count))
        octets.append(contentsOf: group)
        octets.append(contentsOf: body)
    }
}
