import DataPlane
import Logging
import NIOCore
import Patterns
import Routing
import Transports

/// What waits for parents and children that are away, in trees that block; on the home loop.
///
///     uplink's queue ── connection ends ──▶ waiting room ── connected again ──▶ the new uplink's queue
///
/// A child's queue stays with its dead connection, in its place in the fan-out, until the child is back.
extension Relay {
    /// Whether what waits on a tree's link outlives its connection. Asked on any loop: a configuration does not change.
    func keepsQueue(ofTree name: String) -> Bool {
        configuration.seats.contains { $0.tree == name && $0.overflow == .block }
    }

    /// The parent is connected: what waited for it goes first.
    func emptyWaitingRoom(into connection: Connection, of tree: TreeID) {
        guard let room = waitingRooms[tree.rawValue] else { return }
        connection.outbox.keepsQueue = true
        connection.outbox.adopt(room.takeLeftover())
        connection.drain()
        reportUplink(of: tree)
    }

    /// The connection to the parent has ended: what it held waits.
    func fillWaitingRoom(from connection: Connection, of tree: TreeID) {
        guard let room = waitingRooms[tree.rawValue] else { return }
        room.adopt(connection.outbox.takeLeftover())
    }

    func resume(_ peer: RelayPeer.ID, as subscriber: SubscriberID) {
        guard let connection = connections[peer] else { return }
        fanOut.replace(subscriber, by: connection)
    }

    /// The child has not come back in time.
    func giveUp(_ subscriber: SubscriberID, _ node: String, _ tree: TreeID) {
        let name = configuration.seats[tree.rawValue].tree
        fanOut.detach(subscriber, .expired) { count in
            self.logger.warning(
                "child \(node) of tree '\(name)' has not come back; \(count) message\(count == 1 ? "" : "s") that waited for it: dropped"
            )
            self.departures.addExpired(count, node: node, tree: name)
        }
    }

    /// The queue of what goes up a tree; `nil` when it would have to be dropped.
    func upwardOutbox(of tree: TreeID) -> Outbox? {
        uplink(of: tree)?.outbox ?? waitingRooms[tree.rawValue]
    }
}

extension RelayConfiguration {
    /// By tree: an empty queue where what goes up waits for a parent that is away.
    func makeWaitingRooms(home: any EventLoop, budget: MemoryBudget) -> [Outbox?] {
        seats.map { seat in
            guard seat.parent != nil, seat.overflow == .block else { return nil }
            let room = Outbox(stream: NoStream(loop: home), limit: queueLimit, budget: budget)
            room.keepsQueue = true
            return room
        }
    }
}
