import Vocabulary
import PGM
import Simulation
import Wire

/// Sources and receivers in a simulated network, with a script of what happens to them.
struct SimulatedGroup {
    private enum Role {
        case director
        case source(Int)
        case receiver(Int)
    }

    static let dataPort: UInt16 = 7_500

    static func address(of node: NodeID) -> NetworkAddress {
        NetworkAddress(v4: 0x0A00_0000 + UInt32(node.rawValue))
    }

    /// Alarms: 0 wakes a node, others are the script's.
    private static let wake: UInt64 = 0

    static func address(of group: GroupID) -> NetworkAddress {
        NetworkAddress(v4: 0xEF00_0000 + UInt32(group.rawValue))
    }

    var network: DatagramNetwork
    var sources: [SimulatedSource] = []
    var receivers: [SimulatedReceiver] = []
    /// Journals of receivers that have crashed.
    var oldJournals: [Journal] = []
    private var roles: [Role] = []
    private var actions: [(inout SimulatedGroup) -> Void] = []
    private let director: NodeID
    /// The first of them is where sources and receivers meet unless told otherwise.
    let groups: [GroupID]
    /// NAKs that were sent.
    private(set) var nakCount = 0
    /// Everything that was multicast or unicast, for tests that look at packets.
    var tap: ((PacketView, Instant) -> Void)?

    init(_ options: DatagramOptions) {
        network = DatagramNetwork(options)
        director = network.addNode()
        groups = [network.addGroup(), network.addGroup(), network.addGroup()]
        roles.append(.director)
    }

    // MARK: - Building

    @discardableResult
    mutating func addSource(
        _ options: SourceOptions,
        group index: Int = 0,
        port: UInt16 = 1,
        first: SequenceNumber = SequenceNumber(0),
        node: NodeID? = nil
    ) -> Int {
        let node = node ?? addNode(.source(sources.count))
        let group = groups[index]
        roles[node.rawValue] = .source(sources.count)
        network.join(group, node)
        sources.append(
            SimulatedSource(
                options,
                session: TransportSessionID(globalSourceID: 0xB7C6_D1BC_038A, sourcePort: port),
                node: node,
                group: group,
                first: first,
                at: network.now
            )
        )
        let index = sources.count - 1
        multicast(sources[index].drain(), fromSource: index)
        rearm(source: index)
        return index
    }

    @discardableResult
    mutating func addReceiver(
        _ options: ReceiverOptions,
        groups indices: [Int] = [0],
        node: NodeID? = nil
    ) -> Int {
        let node = node ?? addNode(.receiver(receivers.count))
        roles[node.rawValue] = .receiver(receivers.count)
        for index in indices { network.join(groups[index], node) }
        receivers.append(
            SimulatedReceiver(options, node: node, seed: network.generator.next())
        )
        return receivers.count - 1
    }

    private mutating func addNode(_ role: Role) -> NodeID {
        roles.append(role)
        return network.addNode()
    }

    /// At that time of the run.
    mutating func at(_ time: Duration, _ action: @escaping (inout SimulatedGroup) -> Void) {
        actions.append(action)
        network.setAlarm(
            UInt64(actions.count),
            of: director,
            at: Instant(nanoseconds: time.nanoseconds)
        )
    }

    // MARK: - Doing

    mutating func send(_ count: Int, from source: Int) {
        sources[source].pendingCount += count
        multicast(sources[source].pump(at: network.now), fromSource: source)
        rearm(source: source)
    }

    mutating func finish(_ source: Int) {
        sources[source].isFinishing = true
        multicast(sources[source].pump(at: network.now), fromSource: source)
        rearm(source: source)
    }

    /// The receiver's application stops reading.
    mutating func pause(receiver index: Int, kernelPacketCount: Int) {
        receivers[index].pause(kernelPacketCount: kernelPacketCount, at: network.now)
    }

    mutating func resume(receiver index: Int) {
        send(receivers[index].resume(at: network.now), fromReceiver: index)
        rearm(receiver: index)
    }

    /// The receiver's process dies and another one takes its place, at once.
    mutating func restart(receiver index: Int, _ options: ReceiverOptions) {
        let node = receivers[index].node
        network.crash(node)
        network.restart(node)
        oldJournals += receivers[index].journals
        receivers[index] = SimulatedReceiver(options, node: node, seed: network.generator.next())
    }

    mutating func run(until end: Duration) {
        while network.now.nanoseconds < end.nanoseconds, let event = network.nextEvent() {
            switch event {
            case .received(let packet, let sender, let destination, let node):
                handle(packet, from: sender, to: destination, at: node)
            case .alarm(Self.wake, let node): wake(node)
            case .alarm(let number, _): actions[Int(number) - 1](&self)
            }
        }
    }

    private mutating func handle(
        _ packet: [UInt8],
        from sender: NodeID,
        to destination: DatagramNetwork.Destination,
        at node: NodeID
    ) {
        switch roles[node.rawValue] {
        case .director: break
        case .source(let index):
            multicast(sources[index].handle(packet, at: network.now), fromSource: index)
            rearm(source: index)
        case .receiver(let index):
            guard case .group(let group) = destination else { return }
            send(
                receivers[index].handle(
                    packet,
                    from: Self.address(of: sender),
                    to: Self.address(of: group),
                    at: network.now
                ),
                fromReceiver: index
            )
            rearm(receiver: index)
        }
    }

    private mutating func wake(_ node: NodeID) {
        switch roles[node.rawValue] {
        case .director: break
        case .source(let index):
            sources[index].alarmAt = .max
            multicast(sources[index].handleTimeout(at: network.now), fromSource: index)
            rearm(source: index)
        case .receiver(let index):
            receivers[index].alarmAt = .max
            send(receivers[index].handleTimeout(at: network.now), fromReceiver: index)
            rearm(receiver: index)
        }
    }

    private mutating func rearm(source index: Int) {
        guard network.isUp(sources[index].node) else { return }
        let due = sources[index].deadline.nanoseconds
        guard due < sources[index].alarmAt else { return }
        sources[index].alarmAt = due
        network.setAlarm(Self.wake, of: sources[index].node, at: Instant(nanoseconds: due))
    }

    private mutating func rearm(receiver index: Int) {
        guard let due = receivers[index].core.deadline?.nanoseconds,
            due < receivers[index].alarmAt
        else { return }
        receivers[index].alarmAt = due
        network.setAlarm(Self.wake, of: receivers[index].node, at: Instant(nanoseconds: due))
    }

    private mutating func multicast(_ packets: [[UInt8]], fromSource index: Int) {
        for packet in packets {
            look(at: packet)
            network.send(packet, from: sources[index].node, to: .group(sources[index].group))
        }
    }

    private mutating func send(_ outgoing: [SimulatedReceiver.Outgoing], fromReceiver index: Int) {
        for out in outgoing {
            look(at: out.packet)
            if out.packet[4] == PacketType.nak.rawValue { nakCount += 1 }
            guard let destination = destination(of: out) else { continue }
            network.send(out.packet, from: receivers[index].node, to: destination)
        }
    }

    private func destination(
        of out: SimulatedReceiver.Outgoing
    ) -> DatagramNetwork.Destination? {
        if out.isMulticast {
            return groups.first { Self.address(of: $0) == out.destination }.map { .group($0) }
        }
        return sources.first { Self.address(of: $0.node) == out.destination }.map { .node($0.node) }
    }

    private func look(at packet: [UInt8]) {
        guard let tap else { return }
        packet.withUnsafeBytes { bytes in
            if let view = try? PacketView(bytes) { tap(view, network.now) }
        }
    }
}
