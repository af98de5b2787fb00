public import Dissection

/// All TCP connections and RADIO/DISH flows of all captures, with the ZMTP inside.
///
/// In order, a segment costs one comparison of addresses and the reading of its frames; nothing is kept of it.
public final class SessionTable {
    private struct Key: Hashable {
        var tap: Tap
        var lower: SocketAddress
        var upper: SocketAddress
    }

    private let log: MessageLog?
    private var connections: [TCPConnection] = []
    private var indexes: [Key: Int] = [:]
    /// How many connections there were between the same two ports.
    private var ordinals: [Key: Int] = [:]
    private var servers: Set<SocketAddress> = []
    private var last: (key: Key, connection: TCPConnection, first: SocketAddress)?
    private var firsts: [SocketAddress] = []
    private var radio = RadioTable()
    /// Segments of connections for which there was no room.
    private var leftOutSegmentCount = 0

    /// - Parameter log: gets every message when a verdict is asked for.
    public init(log: MessageLog? = nil) {
        self.log = log
    }

    public func handle(_ segment: TCPSegment) {
        let source = SocketAddress(address: segment.datagram.source, port: segment.sourcePort)
        let destination = SocketAddress(
            address: segment.datagram.destination,
            port: segment.destinationPort
        )
        let isAscending = source < destination
        let key = Key(
            tap: Tap(
                capture: segment.datagram.capture,
                interface: segment.datagram.interface
            ),
            lower: isAscending ? source : destination,
            upper: isAscending ? destination : source
        )
        if let last, last.key == key, !segment.flags.contains(.syn) {
            return last.connection.handle(segment, isFromFirst: last.first == source)
        }
        if let index = indexes[key], !connections[index].isSucceeded(by: segment) {
            last = (key, connections[index], firsts[index])
            return connections[index].handle(segment, isFromFirst: firsts[index] == source)
        }
        open(segment, key, from: source, to: destination)
    }

    private func open(
        _ segment: TCPSegment,
        _ key: Key,
        from source: SocketAddress,
        to destination: SocketAddress
    ) {
        guard connections.count < Self.connectionCountMax else {
            leftOutSegmentCount += 1
            return
        }
        // A lone RST or ACK of a connection that is over opens none.
        if segment.flags.contains(.rst) { return }
        if let index = indexes[key] { connections[index].finish() }
        let ordinal = ordinals[key, default: 0]
        if indexes[key] != nil { ordinals[key] = ordinal + 1 }
        let number = indexes[key] == nil ? 0 : ordinal + 1
        let connection = TCPConnection(
            segment,
            isSenderServer: servers.contains(source) && !servers.contains(destination),
            sinks: sinks(key, from: source, to: destination, number: number)
        )
        indexes[key] = connections.count
        connections.append(connection)
        firsts.append(source)
        if segment.flags.contains(.syn) { servers.insert(connection.server) }
        last = (key, connection, source)
        connection.handle(segment, isFromFirst: true)
    }

    private func sinks(
        _ key: Key,
        from source: SocketAddress,
        to destination: SocketAddress,
        number: Int
    ) -> (first: MessageSink?, second: MessageSink?) {
        guard let log else { return (nil, nil) }
        let there = log.flow(
            .tcp(source: source, destination: destination, connection: number)
        )
        let back = log.flow(
            .tcp(source: destination, destination: source, connection: number)
        )
        return (
            MessageSink(log: log, tap: key.tap, flow: there, oppositeFlow: back),
            MessageSink(log: log, tap: key.tap, flow: back, oppositeFlow: there)
        )
    }

    public func handle(_ datagram: UDPDatagram) {
        radio.handle(datagram)
    }

    /// The captures have ended.
    public func finish() {
        for connection in connections { connection.finish() }
    }

    /// In order of appearance.
    public var reports: [SessionReport] { connections.map(\.report) }

    /// RADIO/DISH flows, in order of appearance.
    public var radioReports: [RadioReport] { radio.reports }

    /// What an operator should know of the connections; in no particular order.
    public var findings: [Finding] { findings(captureEnds: [:]) }

    /// The same; what was just beginning when its capture ended is not complained of.
    public func findings(captureEnds: [Int: Int64]) -> [Finding] {
        var findings = SessionFindings(captureEnds: captureEnds)
        for connection in connections { findings.add(connection.report) }
        return findings.findings(leftOutSegmentCount: leftOutSegmentCount)
    }

    private static let connectionCountMax = 1 << 16
}
