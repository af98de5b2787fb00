/// What is told about a packet: the columns of CSV and the keys of NDJSON, in their order.
public enum PacketColumn: String, CaseIterable, Sendable {
    case number, capture, interface, time, elapsed, type, source, destination
    case outer
    case timeToLive = "ttl"
    case dscp
    case byteCount = "bytes"
    case isCut = "cut"
    case isReassembled = "reassembled"
    case encapsulation
    case udpSourcePort = "udpSourcePort"
    case udpDestinationPort = "udpDestinationPort"
    case group, gsi, sourcePort, port, checksum
    case isParity = "parity"
    case sequence, trail, lead
    case path
    case nakSource, nakGroup, nakList
    case round, subtype, backOffMicroseconds, random, mask, bitmap
    case options
    case payloadByteCount = "payload"
    case offset
    case version, maximumResponseMilliseconds, querySources, robustness, queryIntervalSeconds
    case records
    case tcpSequence, tcpAcknowledgement, tcpFlags, tcpWindow
    case protocolNumber = "protocol"
    case etherType
    case unread
    case reason
}

/// The value of a column.
public enum PacketCell: Equatable, Sendable {
    case number(Int)
    case flag(Bool)
    /// Seconds with nine decimals.
    case seconds(Int64)
    case text(String)
    case numbers([UInt32])
    case texts([String])
    /// Headers around the datagram, the outermost first.
    case layers([OuterLayer])
}
