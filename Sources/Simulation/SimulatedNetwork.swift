public import Wire

/// A network of nodes with streams between them, under virtual time. Pure: `nextEvent()` moves the clock.
///
///     dialler ── connect ──▶ listener up?  yes: opened at listener ──▶ opened at dialler
///                                          no:  failed at dialler
///     send ──(delay, never overtaking on one stream)──▶ received
///     close, crash ── after what was sent before ─────▶ closed at the other end
///     cut ── nothing more arrives ────────────────────▶ closed at both ends, each in its own time
///
/// A stream is what TCP gives: nothing is lost, doubled or reordered while it lives; two streams between the same nodes
/// may overtake each other. A crash is noticed late, so a node that comes back may connect anew before its old
/// connection is known to be dead.
public struct SimulatedNetwork<Packet: Sendable, Alarm: Sendable>: Sendable {
    public typealias Event = NetworkEvent<Packet, Alarm>

    private enum Happening: Sendable {
        case dialArrives(ConnectionID)
        case dialAnswered(ConnectionID, isOpen: Bool)
        case packetArrives(ConnectionID, Side, Packet)
        case endArrives(ConnectionID, Side)
        case alarm(Alarm, NodeID, incarnation: Int)
    }

    private enum Side: Int, Sendable {
        case dialler, listener

        var other: Side { self == .dialler ? .listener : .dialler }
    }

    private enum EndState: Sendable {
        case opening, open, closed
    }

    private struct End: Sendable {
        var node: NodeID
        var state = EndState.opening
        /// When the last octet under way arrives here.
        var lastArrival = Instant(nanoseconds: 0)
    }

    private struct LiveStream: Sendable {
        var ends: [End]
        var delay: ClosedRange<Duration>
        var isCut = false

        subscript(_ side: Side) -> End {
            get { ends[side.rawValue] }
            set { ends[side.rawValue] = newValue }
        }
    }

    private struct Node: Sendable {
        var isUp = true
        /// How often it has crashed; alarms of an earlier life do not ring.
        var incarnation = 0
        var connections: [ConnectionID] = []
    }

    public private(set) var now = Instant(nanoseconds: 0)
    /// For whoever needs randomness that belongs to the run.
    public var generator: SeededGenerator
    private let options: NetworkOptions
    private var queue = EventQueue<Happening>()
    private var nodes: ContiguousArray<Node> = []
    private var connections: ContiguousArray<LiveStream> = []
    private var cutPairs = Set<[Int]>()

    public init(_ options: NetworkOptions) {
        self.options = options
        generator = SeededGenerator(seed: options.seed)
    }

    public func isUp(_ node: NodeID) -> Bool { nodes[node.rawValue].isUp }

    // MARK: - What happens next

    /// When something happens next, even if nobody living learns of it.
    public var nextTime: Instant? { queue.nextTime }

    /// The next thing a living node learns; `nil` when nothing is left to happen.
    public mutating func nextEvent() -> Event? {
        while let (time, happening) = queue.next() {
            now = time
            if let event = event(of: happening) { return event }
        }
        return nil
    }

    private mutating func event(of happening: Happening) -> Event? {
        switch happening {
        case .dialArrives(let id): return handleDial(id)
        case .dialAnswered(let id, let isOpen): return handleAnswer(id, isOpen: isOpen)
        case .packetArrives(let id, let side, let packet):
            let connection = connections[id.rawValue]
            guard connection[side].state == .open, !connection.isCut else { return nil }
            return .received(packet, on: id, at: connection[side].node)
        case .endArrives(let id, let side):
            guard connections[id.rawValue][side].state == .open else { return nil }
            return .closed(id, at: end(id, side))
        case .alarm(let alarm, let node, let incarnation):
            guard nodes[node.rawValue].incarnation == incarnation else { return nil }
            return .alarm(alarm, at: node)
        }
    }

    // MARK: - Nodes

    public mutating func addNode() -> NodeID {
        nodes.append(Node())
        return NodeID(nodes.count - 1)
    }

    /// The node is gone at once, without a word; what it has sent on a connection is still on its way, or is lost with it, by chance.
    public mutating func crash(_ node: NodeID, lossProbability: Double = 0) {
        nodes[node.rawValue].isUp = false
        nodes[node.rawValue].incarnation += 1
        for id in nodes[node.rawValue].connections {
            guard let side = side(of: node, on: id) else { continue }
            connections[id.rawValue][side].state = .closed
            if lossProbability > 0, Double.random(in: 0..<1, using: &generator) < lossProbability {
                connections[id.rawValue].isCut = true
            }
            tellEnd(of: id, to: side.other, after: random(in: options.lossDetection))
        }
        nodes[node.rawValue].connections = []
    }

    public mutating func restart(_ node: NodeID) {
        nodes[node.rawValue].isUp = true
    }

    /// Rings at the node unless it crashes before.
    public mutating func setAlarm(_ alarm: Alarm, of node: NodeID, after wait: Duration) {
        let incarnation = nodes[node.rawValue].incarnation
        queue.add(.alarm(alarm, node, incarnation: incarnation), at: now + wait)
    }

    // MARK: - Partition

    /// Nothing passes between the two from now on, in either direction.
    public mutating func cut(_ one: NodeID, _ other: NodeID) {
        cutPairs.insert(Self.pair(one, other))
        for id in nodes[one.rawValue].connections where side(of: other, on: id) != nil {
            fail(id)
        }
    }

    /// The connection breaks: nothing more arrives, and each end learns of it in its own time.
    public mutating func fail(_ id: ConnectionID) {
        guard !connections[id.rawValue].isCut else { return }
        connections[id.rawValue].isCut = true
        for side in [Side.dialler, .listener] {
            tellEnd(of: id, to: side, after: random(in: options.lossDetection))
        }
    }

    /// They can connect again.
    public mutating func heal(_ one: NodeID, _ other: NodeID) {
        cutPairs.remove(Self.pair(one, other))
    }

    private static func pair(_ one: NodeID, _ other: NodeID) -> [Int] {
        [min(one.rawValue, other.rawValue), max(one.rawValue, other.rawValue)]
    }

    // MARK: - Connections

    public mutating func connect(from dialler: NodeID, to listener: NodeID) -> ConnectionID {
        let id = ConnectionID(connections.count)
        let delay = options.connectionDelays.randomElement(using: &generator) ?? options.delay
        let ends = [End(node: dialler), End(node: listener)]
        connections.append(LiveStream(ends: ends, delay: delay))
        nodes[dialler.rawValue].connections.append(id)
        queue.add(.dialArrives(id), at: now + random(in: delay))
        return id
    }

    /// Sends from that node's end; a connection that is closed here swallows it.
    public mutating func send(_ packet: Packet, on id: ConnectionID, from node: NodeID) {
        guard let side = side(of: node, on: id), connections[id.rawValue][side].state == .open
        else { return }
        queue.add(.packetArrives(id, side.other, packet), at: arrival(of: id, at: side.other))
    }

    /// Closes in good order: what was sent before still arrives.
    public mutating func close(_ id: ConnectionID, at node: NodeID) {
        guard let side = side(of: node, on: id), connections[id.rawValue][side].state != .closed
        else { return }
        _ = end(id, side)
        tellEnd(of: id, to: side.other, after: .zero)
    }

    private mutating func handleDial(_ id: ConnectionID) -> Event? {
        let connection = connections[id.rawValue]
        let (dialler, listener) = (connection[.dialler].node, connection[.listener].node)
        guard connection[.dialler].state == .opening else { return nil }
        let isReachable =
            nodes[listener.rawValue].isUp && !cutPairs.contains(Self.pair(dialler, listener))
        queue.add(.dialAnswered(id, isOpen: isReachable), at: arrival(of: id, at: .dialler))
        guard isReachable else { return nil }
        connections[id.rawValue][.listener].state = .open
        nodes[listener.rawValue].connections.append(id)
        return .opened(id, at: listener)
    }

    private mutating func handleAnswer(_ id: ConnectionID, isOpen: Bool) -> Event? {
        guard connections[id.rawValue][.dialler].state == .opening else { return nil }
        guard isOpen, !connections[id.rawValue].isCut else {
            return .failed(id, at: end(id, .dialler))
        }
        connections[id.rawValue][.dialler].state = .open
        return .opened(id, at: connections[id.rawValue][.dialler].node)
    }

    /// Closes one end; gives its node.
    private mutating func end(_ id: ConnectionID, _ side: Side) -> NodeID {
        connections[id.rawValue][side].state = .closed
        let node = connections[id.rawValue][side].node
        nodes[node.rawValue].connections.removeAll { $0 == id }
        return node
    }

    private mutating func tellEnd(of id: ConnectionID, to side: Side, after wait: Duration) {
        queue.add(.endArrives(id, side), at: arrival(of: id, at: side) + wait)
    }

    /// When something sent now arrives: after all that was sent before on the same stream.
    private mutating func arrival(of id: ConnectionID, at side: Side) -> Instant {
        let delay = random(in: connections[id.rawValue].delay)
        let time = max(connections[id.rawValue][side].lastArrival, now + delay)
        connections[id.rawValue][side].lastArrival = time
        return time
    }

    private func side(of node: NodeID, on id: ConnectionID) -> Side? {
        if connections[id.rawValue][.dialler].node == node { return .dialler }
        return connections[id.rawValue][.listener].node == node ? .listener : nil
    }

    private mutating func random(in range: ClosedRange<Duration>) -> Duration {
        let bounds = range.lowerBound.nanoseconds...range.upperBound.nanoseconds
        return .nanoseconds(Int64.random(in: bounds, using: &generator))
    }
}
