import DataPlane
import NIOCore
import Patterns
import Routing
import Transports
import Wire
import ZMTP

/// Events of connections, on the home loop: passed to the instance, whose directives are then executed.
extension Relay {
    func handleEstablished(_ connection: Connection, _ remote: RemotePeer, _ kind: RelayPort.Kind) {
        let id = RelayPeer.ID(connection.id)
        connections[id] = connection
        newestConnection = max(newestConnection, connection.id)
        let arrival: Arrival =
            switch kind {
            case .publishers: .publisher(LinkClaim(remote))
            case .subscribers: .subscriber(LinkClaim(remote))
            case .parent(let parent): .parent(parent, plan: PlanIdentity(remote))
            case .dialled(let peer, _): peer.arrival
            }
        instance.handleConnected(id, arrival, of: connection.accessPeer(remote), at: now)
        if instance.peer(id) != nil {
            if let dial = watches.dial(of: kind) { dial.watch.handleConnected(dial.part) }
            if case .parent(.uplink(let tree)) = kind {
                emptyWaitingRoom(into: connection, of: tree)
            }
        }
        execute()
        if let peer = instance.peer(id) {
            upstream.handleConnected(id, peer, isXPUB: remote.socketType == .xpub)
            tellReaders()
        }
        updateTimer()
    }

    func handleClosed(_ connection: Connection, _ reason: DisconnectReason) {
        if case .framing(.frameTooLong) = reason {
            // It never came in whole; what there is of it counts as one message.
            instance.ledger.receive(messageCount: 1, byteCount: 0)
            instance.ledger.drop(1, .tooLarge)
        }
        if case .limit = reason { departures.limitDisconnectCount += 1 }
        guard !links.handleClosed(connection) else { return flush() }
        let id = RelayPeer.ID(connection.id)
        guard connections.removeValue(forKey: id) != nil else { return }
        let departing = StatusReader(self).describe(connection)
        pauses[id] = nil
        if let peer = instance.peer(id), peer.subscriber == nil { endAccount(of: connection, peer) }
        if let peer = instance.peer(id) { upstream.handleDisconnected(id, peer) }
        instance.handleDisconnected(id, at: now)
        for number in policies.indices { reportUplink(of: TreeID(number)) }
        execute()
        if let departing { note(departing, of: connection, reason) }
        tellReaders()
        updateTimer()
        // When a connection closes during a read, nothing else reports the end of that read.
        flush()
    }

    /// The account of a connection that is not the fan-out's.
    private func endAccount(of connection: Connection, _ peer: RelayPeer) {
        if case .parentUplink(let tree) = peer.role {
            fillWaitingRoom(from: connection, of: tree)
        }
        guard connection.loop === home else { return }
        connection.outbox.abandon(.disconnected)
        homeBook.counters.add(connection.outbox.counters)
    }

    /// Keeps what a connection has counted. After it was detached: until then its queue may be given more on its own loop.
    private func note(
        _ departing: NodeStatus.Peer,
        of connection: Connection,
        _ reason: DisconnectReason
    ) {
        if connection.loop === home {
            departures.add(.init(departing.reading(connection), reason: reason.description))
            return
        }
        connection.loop.submit { departing.reading(connection) }
            .hop(to: home)
            .whenSuccess { self.departures.add(.init($0, reason: reason.description)) }
    }

    // MARK: - Interest

    func handleSubscription(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        from connection: Connection
    ) {
        instance.handleSubscription(
            topic,
            isSubscribe: isSubscribe,
            from: RelayPeer.ID(connection.id)
        )
    }

    // MARK: - Queues

    /// A peer has taken some of what is queued for it.
    func handleDrain(_ connection: Connection, _ kind: RelayPort.Kind) {
        switch kind {
        case .subscribers, .dialled:
            guard fanOut.isCongested,
                let subscriber = instance.peer(RelayPeer.ID(connection.id))?.subscriber
            else { return }
            fanOut.handleRelief(of: subscriber)
        case .parent(.uplink(let tree)):
            reportUplink(of: tree)
            execute()
        case .parent(.feed), .publishers: break
        }
    }

    /// The queue to a parent, or what waits for one, may be full, or have room again.
    func reportUplink(of tree: TreeID) {
        let isFull = upwardOutbox(of: tree)?.wantsPause ?? false
        let since = uplinkFullSince[tree.rawValue]
        uplinkFullSince[tree.rawValue] = isFull ? since ?? .now() : nil
        instance.handleUplinkQueue(of: tree, isFull: isFull)
    }

    /// A queue to subscribers, children or an island has become full, or has room again.
    func reportPressure() {
        instance.handleQueue(.subscribers, isFull: isCongested(.subscribers))
        for number in policies.indices {
            let tree = TreeID(number)
            instance.handleQueue(.children(tree), isFull: isCongested(.children(tree)))
            instance.handleIslandQueues(
                of: tree,
                areFull: served[number].contains { $0.source.wantsPause }
            )
        }
        execute()
    }

    private func isCongested(_ queue: DownQueue) -> Bool {
        fanOut.isCongested(group: Self.fanOutGroup(of: queue))
    }

    /// The fan-out's number for that queue.
    static func fanOutGroup(of queue: DownQueue) -> Int {
        switch queue {
        case .subscribers: 0
        case .children(let tree): tree.rawValue + 1
        }
    }

    // MARK: - Time

    var now: Instant { .now }

    /// Sets the timer to the instance's deadline.
    func updateTimer() {
        timer.set(instance.deadline) {
            self.timer.clear()
            self.instance.handleTimeout(at: self.now)
            self.execute()
            self.updateTimer()
        }
    }
}
