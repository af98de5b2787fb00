import Dissection
import Rendering

/// One RADIO's datagrams to one address and port.
public struct RadioReport: Sendable {
    public struct Group: Sendable, Equatable {
        public var name: String
        public var messageCount: Int
    }

    public var capture: Int
    public var interface: Int
    public var source: SocketAddress
    public var destination: SocketAddress
    public var firstNanoseconds: Int64
    public var lastNanoseconds: Int64
    public var messageCount: Int
    /// Octets of the bodies, without the groups.
    public var byteCount: Int
    /// The most frequent first.
    public var groups: [Group]
    public var hasMoreGroups: Bool
}

/// Finds RADIO/DISH among UDP flows.
///
/// A datagram is one octet with the group's length, the group, the body: nothing in it says what it is. So a flow is one only
/// when all its datagrams fit, several do, and they use few groups with printable names (libzmq's udp_engine.cpp; a group
/// has at most 15 octets).
struct RadioTable {
    private struct Key: Hashable {
        var tap: Tap
        var source: SocketAddress
        var destination: SocketAddress
    }

    fileprivate struct Flow {
        var report: RadioReport
        var isRadio = true
        var groups: [[UInt8]] = []
        var counts: [Int] = []
    }

    private var flows: [Flow] = []
    private var indexes: [Key: Int] = [:]

    mutating func handle(_ datagram: UDPDatagram) {
        let tap = Tap(
            capture: datagram.datagram.capture,
            interface: datagram.datagram.interface
        )
        let source = SocketAddress(
            address: datagram.datagram.source,
            port: datagram.sourcePort
        )
        let destination = SocketAddress(
            address: datagram.datagram.destination,
            port: datagram.destinationPort
        )
        let key = Key(tap: tap, source: source, destination: destination)
        let index: Int
        if let known = indexes[key] {
            index = known
        } else {
            guard flows.count < Self.flowCountMax else { return }
            index = flows.count
            indexes[key] = index
            flows.append(
                Flow(
                    report: RadioReport(
                        capture: tap.capture,
                        interface: tap.interface,
                        source: source,
                        destination: destination,
                        firstNanoseconds: datagram.datagram.nanoseconds,
                        lastNanoseconds: datagram.datagram.nanoseconds,
                        messageCount: 0,
                        byteCount: 0,
                        groups: [],
                        hasMoreGroups: false
                    )
                )
            )
        }
        flows[index].add(datagram)
    }

    var reports: [RadioReport] {
        flows.compactMap { flow in
            // Three datagrams of one group: less is chance.
            guard flow.isRadio, flow.counts.max() ?? 0 >= 3 else { return nil }
            var report = flow.report
            report.groups = zip(flow.groups, flow.counts)
                .map { RadioReport.Group(name: PrintableText.text($0), messageCount: $1) }
                .sorted {
                    $0.messageCount != $1.messageCount
                        ? $0.messageCount > $1.messageCount : $0.name < $1.name
                }
            return report
        }
    }

    private static let flowCountMax = 4096
    fileprivate static let groupCountMax = 16
}

extension RadioTable.Flow {
    fileprivate mutating func add(_ datagram: UDPDatagram) {
        guard isRadio else { return }
        let payload = datagram.payload
        guard let groupByteCount = payload.first.map(Int.init), (1...15).contains(groupByteCount),
            groupByteCount < payload.count
                || datagram.missingByteCount == 0
                    && groupByteCount + 1 == payload.count,
            payload[1..<1 + groupByteCount].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            isRadio = false
            return
        }
        let group = payload[1..<1 + groupByteCount]
        report.messageCount += 1
        report.byteCount += payload.count - 1 - groupByteCount + datagram.missingByteCount
        report.lastNanoseconds = datagram.datagram.nanoseconds
        if let index = groups.firstIndex(where: { $0.elementsEqual(group) }) {
            counts[index] += 1
        } else if groups.count < RadioTable.groupCountMax {
            groups.append(Array(group))
            counts.append(1)
        } else {
            report.hasMoreGroups = true
            // Every datagram another group: no RADIO does that.
            if report.messageCount < groups.count * 3 { isRadio = false }
        }
    }
}
