public import Wire

/// A network of nodes that send each other datagrams, to one node or to a group, under virtual time. Pure:
/// `nextEvent()` moves the clock.
///
///     send ──▶ each receiver by itself: cut? lost? ──(delay of the path)──▶ received
///                                                └─ sometimes late, sometimes twice
///
/// Every receiver of a multicast draws its own loss, delay and duplication, as behind its own port of a switch. Without
/// reordering, what one node sends to another arrives in order. What is sent to a node that is down is lost.
public struct DatagramNetwork: Sendable {
    public typealias Octets = [UInt8]

    /// Where a datagram goes.
    public enum Destination: Hashable, Sendable {
        case node(NodeID)
        case group(GroupID)
    }

    /// What a living node learns.
    public enum Event: Sendable {
        case received(Octets, from: NodeID, to: Destination, at: NodeID)
        /// The number is the one given to `setAlarm`.
        case alarm(UInt64, at: NodeID)
    }

    private enum Happening: Sendable {
        case arrival(Octets, from: NodeID, to: Destination, at: NodeID)
        case alarm(UInt64, at: NodeID, incarnation: Int)
    }

    private struct Node: Sendable {
        var isUp = true
        /// How often it has crashed; alarms of an earlier life do not ring.
        var incarnation = 0
        var inboundLoss: Double?
    }

    public private(set) var now = Instant(nanoseconds: 0)
    /// For whoever needs randomness that belongs to the run.
    public var generator: SeededGenerator
    public private(set) var counters = DatagramCounters()
    private let options: DatagramOptions
    private var queue = EventQueue<Happening>()
    private var nodes: ContiguousArray<Node> = []
    /// By group, in the order of joining.
    private var members: ContiguousArray<[NodeID]> = []
    /// By sender and receiver: how long a datagram takes, and when the last one arrives.
    private var paths: [PathKey: Path] = [:]
    private var cutPairs = Set<PathKey>()

    public init(_ options: DatagramOptions) {
        self.options = options
        generator = SeededGenerator(seed: options.seed)
    }

    // MARK: - What happens next

    /// The next thing a living node learns; `nil` when nothing is left to happen.
    public mutating func nextEvent() -> Event? {
        while let (time, happening) = queue.next() {
            now = time
            switch happening {
            case .arrival(let octets, let sender, let destination, let node):
                guard nodes[node.rawValue].isUp else {
                    counters.lost += 1
                    continue
                }
                counters.received += 1
                return .received(octets, from: sender, to: destination, at: node)
            case .alarm(let number, let node, let incarnation):
                guard nodes[node.rawValue].incarnation == incarnation else { continue }
                return .alarm(number, at: node)
            }
        }
        return nil
    }

    // MARK: - Nodes

    public mutating func addNode() -> NodeID {
        nodes.append(Node())
        return NodeID(nodes.count - 1)
    }

    public func isUp(_ node: NodeID) -> Bool { nodes[node.rawValue].isUp }

    /// The node is gone at once; what it has sent is still on its way. It stays in its groups.
    public mutating func crash(_ node: NodeID) {
        nodes[node.rawValue].isUp = false
        nodes[node.rawValue].incarnation += 1
    }

    public mutating func restart(_ node: NodeID) {
        nodes[node.rawValue].isUp = true
    }

    /// Rings at the node at that time, or at once if it is past, unless the node crashes before.
    public mutating func setAlarm(_ number: UInt64, of node: NodeID, at time: Instant) {
        let incarnation = nodes[node.rawValue].incarnation
        queue.add(.alarm(number, at: node, incarnation: incarnation), at: max(time, now))
    }

    /// What arrives at this node from now on is lost with this probability instead of the network's.
    public mutating func setInboundLoss(_ probability: Double, of node: NodeID) {
        nodes[node.rawValue].inboundLoss = probability
    }

    // MARK: - Groups

    public mutating func addGroup() -> GroupID {
        members.append([])
        return GroupID(members.count - 1)
    }

    public mutating func join(_ group: GroupID, _ node: NodeID) {
        guard !members[group.rawValue].contains(node) else { return }
        members[group.rawValue].append(node)
    }

    public mutating func leave(_ group: GroupID, _ node: NodeID) {
        members[group.rawValue].removeAll { $0 == node }
    }

    // MARK: - Partition

    /// Nothing that is sent from now on passes between the two, in either direction.
    public mutating func cut(_ one: NodeID, _ other: NodeID) {
        cutPairs.insert(PathKey(one, other))
        cutPairs.insert(PathKey(other, one))
    }

    public mutating func heal(_ one: NodeID, _ other: NodeID) {
        cutPairs.remove(PathKey(one, other))
        cutPairs.remove(PathKey(other, one))
    }

    // MARK: - Datagrams

    /// Sends to a node, or to all members of a group but the sender, which hears itself only under `loopsBack`.
    public mutating func send(
        _ octets: Octets,
        from sender: NodeID,
        to destination: Destination
    ) {
        counters.sent += 1
        switch destination {
        case .node(let node): deliver(octets, from: sender, to: destination, at: node)
        case .group(let group):
            for node in members[group.rawValue] where node != sender || options.loopsBack {
                deliver(octets, from: sender, to: destination, at: node)
            }
        }
    }

    private mutating func deliver(
        _ octets: Octets,
        from sender: NodeID,
        to destination: Destination,
        at node: NodeID
    ) {
        let key = PathKey(sender, node)
        let loss = nodes[node.rawValue].inboundLoss ?? options.loss
        // Draws come in the same order whatever is cut, so that runs with one seed can be compared.
        let isLost = happens(with: loss)
        let isDoubled = happens(with: options.duplication)
        guard !isLost, !cutPairs.contains(key) else {
            counters.lost += 1
            return
        }
        let happening = Happening.arrival(octets, from: sender, to: destination, at: node)
        queue.add(happening, at: arrival(over: key))
        if isDoubled {
            counters.doubled += 1
            queue.add(happening, at: arrival(over: key))
        }
    }

    /// When something sent now arrives: after what was sent before, unless it is held up on the way.
    private mutating func arrival(over key: PathKey) -> Instant {
        var path =
            paths[key] ?? Path(delay: random(in: options.delay), lastArrival: now)
        defer { paths[key] = path }
        if happens(with: options.reordering) {
            counters.reordered += 1
            return now + path.delay + random(in: .zero...options.reorderingDelayMax)
        }
        path.lastArrival = max(path.lastArrival, now + path.delay)
        return path.lastArrival
    }

    private mutating func happens(with probability: Double) -> Bool {
        probability > 0 && Double.random(in: 0..<1, using: &generator) < probability
    }

    private mutating func random(in range: ClosedRange<Duration>) -> Duration {
        let bounds = range.lowerBound.nanoseconds...range.upperBound.nanoseconds
        return .nanoseconds(Int64.random(in: bounds, using: &generator))
    }
}

/// A group of a simulated datagram network.
public struct GroupID: Hashable, Sendable {
    public let rawValue: Int

    init(_ rawValue: Int) {
        self.rawValue = rawValue
    }
}

private struct PathKey: Hashable, Sendable {
    var sender: Int
    var receiver: Int

    init(_ sender: NodeID, _ receiver: NodeID) {
        self.sender = sender.rawValue
        self.receiver = receiver.rawValue
    }
}

private struct Path: Sendable {
    var delay: Duration
    var lastArrival: Instant
}
