import Dissection

/// What the packets of one capture were wrapped in, and what in them was not read.
struct CarriedTally {
    private var tunnels: [CaptureReport.Tunnel] = []
    private var tunnelIndexes: [UInt64: Int] = [:]
    private(set) var leftOutTunnelPacketCount = 0
    private var unread: [UnreadProtocol: CaptureReport.Unread] = [:]
    private(set) var leftOutUnreadCount = 0

    /// Counts a packet with headers around it; `way` differs where they do.
    mutating func handle(outer: [OuterLayer], way: UInt64) {
        if let index = tunnelIndexes[way] {
            tunnels[index].packetCount += 1
        } else if tunnels.count < Self.tunnelCountMax {
            tunnelIndexes[way] = tunnels.count
            tunnels.append(CaptureReport.Tunnel(layers: outer, packetCount: 1))
        } else {
            leftOutTunnelPacketCount += 1
        }
    }

    mutating func handle(_ what: UnreadProtocol, packetNumber: Int) {
        if unread[what] != nil {
            unread[what]?.count += 1
        } else if unread.count < Self.unreadCountMax {
            unread[what] = CaptureReport.Unread(
                what: what,
                count: 1,
                firstPacketNumber: packetNumber
            )
        } else {
            leftOutUnreadCount += 1
        }
    }

    /// The busiest first. One path through two interfaces is one.
    var tunnelReports: [CaptureReport.Tunnel] {
        var merged: [CaptureReport.Tunnel] = []
        for tunnel in tunnels {
            if let index = merged.firstIndex(where: { $0.layers == tunnel.layers }) {
                merged[index].packetCount += tunnel.packetCount
            } else {
                merged.append(tunnel)
            }
        }
        return merged.enumerated().sorted { left, right in
            left.element.packetCount != right.element.packetCount
                ? left.element.packetCount > right.element.packetCount : left.offset < right.offset
        }.map(\.element)
    }

    /// The most frequent first.
    var unreadReports: [CaptureReport.Unread] {
        unread.values.sorted { left, right in
            left.count != right.count ? left.count > right.count : left.what < right.what
        }
    }

    private static let tunnelCountMax = 256
    private static let unreadCountMax = 256
}
