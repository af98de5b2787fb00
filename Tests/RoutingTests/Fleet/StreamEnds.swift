import Simulation

/// What waits at the ends of streams: the kernel's buffers, which a reader that pauses leaves full.
struct StreamEnds {
    /// The receiving end of one direction of a connection.
    struct End: Hashable {
        var connection: ConnectionID
        var node: NodeID
    }

    private struct State {
        var isReading = true
        /// Arrived and not read.
        var waiting: [FleetPacket] = []
        /// Messages on the way or waiting.
        var unreadCount = 0
    }

    /// How many messages wait at one end when the sender's queue counts as full.
    private let unreadCountMax: Int
    /// Looked up, never iterated.
    private var states: [End: State] = [:]

    init(unreadCountMax: Int) {
        self.unreadCountMax = unreadCountMax
    }

    mutating func noteSent(to end: End) {
        states[end, default: State()].unreadCount += 1
    }

    func isFull(_ end: End) -> Bool {
        states[end].map { $0.unreadCount >= unreadCountMax } ?? false
    }

    /// The packet, when it is to be read now.
    mutating func handleArrival(_ packet: FleetPacket, at end: End) -> FleetPacket? {
        guard states[end].map({ $0.isReading && $0.waiting.isEmpty }) ?? true else {
            states[end]?.waiting.append(packet)
            return nil
        }
        return packet
    }

    /// Whether the sender's queue has room by it.
    mutating func noteRead(at end: End) -> Bool {
        guard let count = states[end]?.unreadCount else { return false }
        states[end]?.unreadCount = count - 1
        return count == unreadCountMax
    }

    mutating func setReading(_ isReading: Bool, at end: End) {
        states[end, default: State()].isReading = isReading
    }

    /// The next packet that waits at an end that is read from.
    mutating func nextWaiting(at end: End) -> FleetPacket? {
        guard let state = states[end], state.isReading, !state.waiting.isEmpty else { return nil }
        return states[end]?.waiting.removeFirst()
    }

    func isReading(at end: End) -> Bool { states[end]?.isReading ?? true }

    mutating func remove(_ end: End) {
        states[end] = nil
    }
}
