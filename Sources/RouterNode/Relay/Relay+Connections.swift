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
        let arrival: Arrival =
            switch kind {
            case .publishers: .publisher(LinkClaim(remote))
            case .subscribers: .subscriber(LinkClaim(remote))
            case .parent(let parent): .parent(parent, plan: PlanIdentity(remote))
            case .dialled(let peer, _): peer.arrival
            }
        instance.handleConnected(id, arrival, at: now)
        if instance.peer(id) != nil { noteConnected(kind) }
        execute()
        updateTimer()
    }

    private func noteConnected(_ kind: RelayPort.Kind) {
        let dial: WatchedDial? =
            switch kind {
            case .publishers, .subscribers: nil
            case .parent(let parent): watches[parent]
            case .dialled(_, let number): watches[number]
            }
        if let dial { dial.watch.handleConnected(dial.part) }
    }

    func handleClosed(_ connection: Connection, _ reason: DisconnectReason) {
        if case .limit = reason { traffic.limitDisconnectCount += 1 }
        let id = RelayPeer.ID(connection.id)
        guard connections.removeValue(forKey: id) != nil else { return }
        if case .parentUplink? = instance.peer(id)?.role {
            traffic.orphanedMessageCount += connection.outbox.queuedMessageCount
            traffic.uplinkDroppedMessageCount += connection.outbox.counters.droppedMessageCount
        }
        instance.handleDisconnected(id)
        execute()
        updateTimer()
        // When a connection closes during a read, nothing else reports the end of that read.
        flush()
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

    /// Messages from a subscriber: subscriptions of peers older than ZMTP 3.1, or an XSUB's own messages, which have nowhere
    /// to go in a tree.
    func handleUpstream(_ run: ByteBuffer, from connection: Connection) {
        run.forEachUpstreamMessage { topic, isSubscribe in
            handleSubscription(topic, isSubscribe: isSubscribe, from: connection)
        } onMessage: { _ in
            traffic.unroutableMessageCount += 1
        }
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
            instance.handleUplinkQueue(of: tree, isFull: connection.outbox.wantsPause)
            execute()
        case .parent(.feed), .publishers: break
        }
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
        let deadline = instance.deadline
        guard deadline != timer?.deadline else { return }
        timer?.task.cancel()
        timer = deadline.map { deadline in
            let task = home.scheduleTask(deadline: deadline.nioDeadline) {
                self.timer = nil
                self.instance.handleTimeout(at: self.now)
                self.execute()
                self.updateTimer()
            }
            return (deadline, task)
        }
    }
}
