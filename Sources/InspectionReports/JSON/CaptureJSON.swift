import Dissection
import Inspector
import Rendering

extension ReportJSON {
    static func value(of capture: CaptureReport) -> JSONValue {
        .object([
            "name": .string(capture.name),
            "files": .array(capture.files.map { .string($0) }),
            "node": .optional(capture.node),
            "format": .string(capture.format),
            "interfaces": .array(
                capture.interfaces.indices.map {
                    value(of: capture.interfaces[$0], capture.place(of: $0))
                }
            ),
            "packets": .integer(capture.packetCount),
            "bytes": .integer(capture.byteCount),
            "first": .time(capture.firstNanoseconds),
            "last": .time(capture.lastNanoseconds),
            "drops": .optional(capture.dropCount),
            "truncated": .integer(capture.truncatedCount),
            "excessLengths": .integer(capture.excessLengthCount),
            "backwardTimes": .integer(capture.backwardTimeCount),
            "copies": .integer(capture.copyCount),
            "unfilledChecksums": value(of: capture.unfilledSums),
            "tunnels": .array(capture.tunnels.map { value(of: $0) }),
            "tunnelsLeftOutPackets": .integer(capture.leftOutTunnelPacketCount),
            "unread": .array(capture.unread.map { value(of: $0) }),
            "unreadLeftOutPackets": .integer(capture.leftOutUnreadCount),
            "skipped": .array(capture.skips.map { value(of: $0) }),
        ])
    }

    private static func value(of interface: CaptureReport.Interface, _ place: Int) -> JSONValue {
        .object([
            "name": .optional(interface.name),
            "linkType": .string(interface.linkType),
            "snapLength": .integer(interface.snapLength),
            "packets": .integer(interface.packetCount),
            "drops": .optional(interface.dropCount),
            "place": .integer(place),
        ])
    }

    private static func value(of sums: UnfilledSums) -> JSONValue {
        .object([
            "ip": .integer(sums.ipCount),
            "udp": .integer(sums.udpCount),
            "tcp": .integer(sums.tcpCount),
            "senders": .array(sums.senders.map { .string("\($0)") }),
        ])
    }

    private static func value(of tunnel: CaptureReport.Tunnel) -> JSONValue {
        .object([
            "layers": .array(tunnel.layers.map { value(of: $0) }),
            "text": .string(tunnel.layers.pathText),
            "packets": .integer(tunnel.packetCount),
        ])
    }

    /// What a layer does not have is left out.
    private static func value(of layer: OuterLayer) -> JSONValue {
        var members: [(key: String, value: JSONValue)] = [("kind", .string(layer.kind.rawValue))]
        if let version = layer.version { members.append(("version", .integer(Int(version)))) }
        if let identifier = layer.identifier { members.append(("id", .integer(Int(identifier)))) }
        if let source = layer.source { members.append(("source", .string("\(source)"))) }
        if let destination = layer.destination {
            members.append(("destination", .string("\(destination)")))
        }
        return .object(members)
    }

    private static func value(of unread: CaptureReport.Unread) -> JSONValue {
        .object([
            "space": .string(unread.what.space.rawValue),
            "number": .integer(Int(unread.what.number)),
            "name": .string(unread.what.name),
            "count": .integer(unread.count),
            "firstPacket": .integer(unread.firstPacketNumber),
        ])
    }

    private static func value(of skip: CaptureReport.Skip) -> JSONValue {
        .object([
            "code": .string(skip.code),
            "reason": .string(skip.reason),
            "count": .integer(skip.count),
            "firstPacket": .optional(skip.firstPacketNumber),
        ])
    }
}
