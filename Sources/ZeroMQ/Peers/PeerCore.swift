import DataPlane
import NIOCore
import Patterns
import Transports
import Vocabulary
import Wire
import ZMTP

/// What the patterns share in which messages go from one peer to one peer: who is connected, what they bring, and who is asked to pause.
///
///     connection ── run ──▶ accept(run) ──▶ inbox, fairly
///     outlet ── drainOutlet() of the pattern ──▶ outboxes
///
/// Everything here is confined to the home loop, where all connections of the socket live. A pattern is a subclass: it says where messages
/// go and may refuse peers or change what they bring.
class PeerCore: SocketCore, @unchecked Sendable {
    let type: SocketType
    let home: any EventLoop
    let inbox: Mailbox?
    let outlet: SendQueue?
    let options: SocketOptions
    /// By slot, which each connection knows.
    private(set) var connections: [Connection?] = []
    private var freeSlots: [Int] = []
    /// The slots of connections by their number.
    private var slots: [UInt64: Int] = [:]
    /// Endpoints that are dialled, whether anybody answers there or not.
    private(set) var dialCount = 0
    private(set) var isFinished = false
    /// Deliveries dropped, of peers that are gone and of messages that found nobody.
    var dropped = DropCounts()
    private var limitDisconnectCount = 0
    /// Promised to those who wait for the outlet to be empty, under `finish`.
    private var onSettled: [EventLoopPromise<Void>] = []

    init(
        type: SocketType,
        options: SocketOptions,
        home: (any EventLoop)? = nil,
        receives: Bool,
        sends: Bool
    ) {
        self.type = type
        self.options = options
        self.home = home ?? options.eventLoop ?? SharedEventLoops.standard
        inbox =
            receives
            ? Mailbox(
                limit: options.queueLimit,
                spinTime: options.spinTime,
                conflates: options.conflates
            ) : nil
        outlet = sends ? SendQueue(limit: options.queueLimit) : nil
        // Until the inbox is closed.
        inbox?.setRoomHandler { peer in
            self.home.execute { self.handleRelief(of: peer) }
        }
    }

    var expectsBulkReads: Bool { inbox != nil }

    var peerCount: Int { slots.count }

    // MARK: For patterns to say

    /// The `udp://` endpoints, of a pattern that sends or receives datagrams.
    var datagrams: DatagramPorts? { nil }

    func fits(_ message: ByteBuffer) -> Bool { true }

    /// `fits` is asked for each message unless a pattern says that it need not be.
    var takesAnyMessage: Bool { false }

    /// Why the pattern has no place for another peer, whoever it is.
    func refusal(ofOpening connection: Connection) -> DisconnectReason? { nil }

    /// A peer has connected; `false` when the pattern has no place for it, and then it was told why by `close`.
    func admit(_ connection: Connection, _ peer: RemotePeer) -> Bool { true }

    /// What was admitted is ready to be sent to.
    func handleAdmission(of connection: Connection, _ peer: RemotePeer) {}

    /// The peer is gone; its slot is free after this.
    func handleDeparture(of connection: Connection) {}

    /// The peer's queue has room again.
    func handleRoom(for connection: Connection) {}

    /// Whole messages of a peer.
    func accept(_ run: ByteBuffer, messageCount: Int, from connection: Connection) {
        deliver(run, messageCount: messageCount, from: connection)
    }

    /// What is put before each message of a peer that comes by a link, past `accept`; `nil`: this pattern has to look at them one by one.
    func linkPrefix(for connection: Connection) -> [UInt8]? { nil }

    /// A command of a peer that is not the session's own business.
    func accept(_ command: PeerCommand, from connection: Connection) {}

    /// The reads of one wake-up are over.
    func handleReadEnd() {}

    func drainOutlet() {}

    /// The application sends and receives nothing any more; what it has sent is still to go out.
    func handleFinish() {}

    /// Whether nothing waits outside of the outlet.
    var isSettled: Bool { true }

    /// Whether messages may be queued has to be looked at again.
    func handleDials() {}

    /// An endpoint is dialled no more.
    func handleDialEnd(_ endpoint: Endpoint) {}

    // MARK: For patterns to use

    /// Gives messages to the application.
    func deliver(_ run: ByteBuffer, messageCount: Int, from connection: Connection) {
        guard let inbox else { return }
        if !inbox.append(run, messageCount: messageCount, from: PeerID(connection)) {
            connection.setReading(false)
        }
    }

    func connection(atSlot slot: Int) -> Connection? {
        slot < connections.count ? connections[slot] : nil
    }

    func slot(ofPeer id: UInt64) -> Int? { slots[id] }

    /// Call this whenever something was sent.
    func settleIfEmpty() {
        guard !onSettled.isEmpty, isSettled, outlet?.isEmpty ?? true else { return }
        let settled = onSettled
        onSettled = []
        for promise in settled { promise.succeed() }
    }
}

// MARK: - The socket

extension PeerCore {
    func finish() -> EventLoopFuture<Void> {
        inbox?.close()
        outlet?.close()
        return home.flatSubmit {
            self.isFinished = true
            self.handleFinish()
            let promise = self.home.makePromise(of: Void.self)
            self.onSettled.append(promise)
            self.settleIfEmpty()
            return promise.futureResult
        }
    }

    func handleDial(_ endpoint: Endpoint, _ change: Int) -> EventLoopFuture<Void> {
        home.submit {
            self.dialCount += change
            if change < 0 { self.handleDialEnd(endpoint) }
            self.handleDials()
        }
    }

    func countLimitDisconnects() -> EventLoopFuture<Int> {
        home.submit { self.limitDisconnectCount }
    }

    /// How many peers are connected.
    func countPeers() -> EventLoopFuture<Int> { home.submit { self.peerCount } }

    /// What was dropped, of present peers and of past ones.
    func countDrops() -> EventLoopFuture<DropCounts> {
        home.submit {
            var drops = self.dropped
            for case let connection? in self.connections {
                drops.add(connection.outbox.counters.drops)
            }
            if let datagrams = self.datagrams { drops.add(datagrams.drops) }
            return drops
        }
    }

    private func handleRelief(of peer: PeerID) {
        guard let slot = slots[peer.rawValue] else { return }
        connections[slot]?.setReading(true)
    }
}

// MARK: - From the connections

extension PeerCore: ConnectionHandler {
    func connectionDidEstablish(_ connection: Connection, peer: RemotePeer) {
        home.assertInEventLoop()
        let slot = freeSlots.popLast() ?? connections.count
        if slot == connections.count { connections.append(nil) }
        connections[slot] = connection
        connection.slot = slot
        slots[connection.id] = slot
        guard admit(connection, peer) else { return release(connection) }
        // The outbox is the connection's own, and forgets this at the close.
        connection.outbox.setRoomHandler { [unowned connection] in
            // Later: the outbox is in the middle of a drain.
            self.home.execute { [connection] in self.handleRoom(of: connection) }
        }
        if options.probesRouter { connection.send(ByteBuffer(bytes: [0, 0])) }
        if let hello = options.helloMessage { connection.send(hello.encoded) }
        handleAdmission(of: connection, peer)
    }

    private func handleRoom(of connection: Connection) {
        guard connection.slot >= 0 else { return }
        handleRoom(for: connection)
    }

    func connection(
        _ connection: Connection,
        didReceive run: ByteBuffer,
        messageCount: Int
    ) {
        home.assertInEventLoop()
        guard connection.slot >= 0 else { return }
        accept(run, messageCount: messageCount, from: connection)
    }

    func connection(_ connection: Connection, didReceive command: PeerCommand) {
        guard connection.slot >= 0 else { return }
        accept(command, from: connection)
    }

    func connection(_ connection: Connection, isOffered bypass: any StreamBypass) -> Bool {
        home.assertInEventLoop()
        // What is not looked at on its way has no bound on its size.
        guard connection.slot >= 0, options.messageByteCountMax == nil,
            let inbox, let link = bypass as? QueueLink, let prefix = linkPrefix(for: connection)
        else { return false }
        return inbox.open(link, from: PeerID(connection), prefix: prefix)
    }

    func connectionDidEndRead(_ connection: Connection) { handleReadEnd() }

    func connectionDidDrain(_ connection: Connection) {}

    func connectionDidClose(_ connection: Connection, reason: DisconnectReason) {
        home.assertInEventLoop()
        if case .limit = reason { limitDisconnectCount += 1 }
        guard connection.slot >= 0 else { return }
        inbox?.endLink(from: PeerID(connection))
        if reason != .closedHere { notify(of: connection) }
        handleDeparture(of: connection)
        inbox?.detach(PeerID(connection))
        // After the pattern, which may have saved what waited.
        connection.outbox.abandon(.disconnected)
        dropped.add(connection.outbox.counters.drops)
        release(connection)
    }

    /// Tells the application in the words it has chosen that the peer is gone.
    private func notify(of connection: Connection) {
        let isAccepted = connection.dialledEndpoint == nil
        let message = isAccepted ? options.disconnectMessage : options.hiccupMessage
        if let message { deliver(message.encoded, messageCount: 1, from: connection) }
    }

    private func release(_ connection: Connection) {
        connections[connection.slot] = nil
        freeSlots.append(connection.slot)
        slots[connection.id] = nil
        connection.slot = -1
    }
}

extension Connection {
    /// Sends a message by itself, before all others where there are none yet.
    func send(_ message: ByteBuffer) {
        message.withUnsafeReadableBytes {
            _ = outbox.append(message, $0, 0..<$0.count, messageCount: 1, policy: .block)
        }
        drain()
    }
}

// MARK: - Multicast

extension PeerCore: MulticastHost {
    func openMulticast(
        _ link: MulticastLink,
        observe: @escaping @Sendable (SocketEvent) -> Void
    ) throws(EndpointError) {
        throw EndpointError(
            endpoint: link.endpoint.description,
            problem:
                "reliable multicast carries PUB, SUB, XPUB and XSUB only, not \(type.rawValue); use tcp, ipc or inproc"
        )
    }

    func closeMulticast(
        _ endpoint: Endpoint,
        linger: Duration?
    ) -> EventLoopFuture<Void>? { nil }

    func closeMulticast(linger: Duration?) -> EventLoopFuture<Void> {
        home.makeSucceededVoidFuture()
    }
}
