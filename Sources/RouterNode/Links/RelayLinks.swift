import DataPlane
import Logging
import NIOCore
import Patterns
import Routing
import Transports
import Vocabulary
import Wire
import ZMTP

/// The tree links of one relay: which tree's messages go through one, and whose connections are theirs.
///
/// Home loop only.
final class RelayLinks: @unchecked Sendable {
    private unowned let relay: Relay
    /// By tree; `nil` where connections are plain.
    private(set) var trees: [LinkedTree?] = []
    /// Children's connections, by the tree they are of.
    private var connections: [UInt64: TreeID] = [:]
    /// All connections of links, for what goes upstream: that is in no batch.
    private(set) var peers: [RelayPeer.ID: (peer: RelayPeer, connection: Connection)] = [:]
    /// Who decides which relay is a tree's root; `nil` = nobody that this relay can ask.
    var arbiter: (@Sendable (_ tree: String, ArbiterRequest) -> Void)?

    init(_ relay: Relay) {
        self.relay = relay
    }

    func open() {
        guard let incarnation = relay.sockets.linkIncarnation else { return }
        trees = relay.configuration.seats.indices.map {
            LinkedTree(relay, TreeID($0), incarnation: incarnation)
        }
    }

    func start() {
        for case let tree? in trees { tree.start() }
    }

    func flush() {
        for case let tree? in trees { tree.flush() }
    }

    /// Takes nothing more from our own publishers, and waits until what they sent is safe with others.
    func settle(within limit: Duration) async {
        guard !trees.isEmpty else { return }
        let end = ContinuousClock.now + limit
        var isSafe = false
        while !isSafe, ContinuousClock.now < end {
            isSafe = (try? await relay.home.submit { self.isSafe }.get()) ?? true
            if !isSafe { try? await Task.sleep(for: .milliseconds(5)) }
        }
    }

    private var isSafe: Bool {
        for (id, connection) in relay.connections {
            switch relay.instance.peer(id)?.role {
            case .publisher, .treePublisher: connection.setReading(false)
            default: break
            }
        }
        return trees.allSatisfy { $0?.messages.own.isEmpty ?? true }
    }

    func stop() {
        for case let tree? in trees { tree.stop() }
    }

    /// The link that a tree's messages go through; `nil` where there are plain connections.
    subscript(tree: TreeID) -> LinkedTree? {
        guard tree.rawValue < trees.count, let link = trees[tree.rawValue], link.isRunning else {
            return nil
        }
        return link
    }

    func ask(_ request: ArbiterRequest, of tree: String) {
        guard let arbiter else {
            return relay.logger.info("tree '\(tree)': nobody is there to decide on \(request)")
        }
        arbiter(tree, request)
    }

    /// What our own subscribers want has changed.
    func tell(_ announcement: Announcement, of tree: TreeID) {
        guard let link = self[tree] else { return }
        announcement.forEachChange { topic, isSubscribe in
            if isSubscribe {
                link.core.handleWanted(Array(topic), at: .now)
            } else {
                link.core.handleUnwanted(Array(topic), at: .now)
            }
        }
        link.execute()
    }

    // MARK: - Children

    /// A relay that speaks the link has come.
    func handle(
        _ connection: Connection,
        _ remote: RemotePeer,
        _ claim: LinkClaim,
        isFeed: Bool
    ) {
        do throws(Refusal) {
            let peer = connection.accessPeer(remote)
            let tree = try relay.instance.linkGate.tree(of: claim, from: peer) {
                self[$0]?.mayBeRoot ?? false
            }
            guard let link = trees[tree.rawValue] else {
                return LinkLane(connection, home: relay.home).refuse()
            }
            connections[connection.id] = tree
            if isFeed {
                link.handleFeed(connection, node: claim.node)
            } else {
                link.handleUplink(connection, node: claim.node)
            }
        } catch {
            let reason = error.description
            connection.loop.execute {
                connection.close(.misbehaviour(reason), farewell: Command.errorFrame(reason))
            }
        }
    }

    func handle(_ input: Result<LinkInput, LinkFault>, on connection: Connection) {
        connections[connection.id].flatMap { self[$0] }?.handle(input, on: connection)
    }

    func handleDrain(_ connection: Connection, waitingByteCount: Int) {
        guard let link = connections[connection.id].flatMap({ self[$0] }) else { return }
        link.children.lane(of: connection.id)?.handleDrain(waitingByteCount: waitingByteCount)
        link.handleTaken()
    }

    /// `false`: the connection is none of a link's child.
    func handleClosed(_ connection: Connection) -> Bool {
        guard let tree = connections.removeValue(forKey: connection.id) else { return false }
        self[tree]?.handleClosed(connection)
        return true
    }

    // MARK: - Upstream

    /// Messages that an XSUB sends go up and down the tree as they are, between the link's commands.
    func addPeer(_ connection: Connection, _ role: RelayPeer.Role, node: String?) {
        let id = RelayPeer.ID(connection.id)
        let peer = RelayPeer(role, node: node)
        peers[id] = (peer, connection)
        relay.upstream.handleConnected(id, peer, isXPUB: false)
        relay.tellReaders()
    }

    func removePeer(_ connection: Connection) {
        let id = RelayPeer.ID(connection.id)
        guard let peer = peers.removeValue(forKey: id)?.peer else { return }
        relay.upstream.handleDisconnected(id, peer)
        relay.tellReaders()
        guard connection.loop === relay.home else { return }
        connection.outbox.abandon(.disconnected)
        relay.homeBook.counters.add(connection.outbox.counters)
    }

    // MARK: - Down

    /// Gives a tree's numbers to our own subscribers; those of `repeats` only to such as came after the last set-back.
    func deliver(_ numbers: LinkNumbers, repeats: [LinkNumbers], of link: LinkedTree) {
        var next = numbers.lowerBound
        for part in repeats {
            if next < part.lowerBound { deliver(next...part.lowerBound - 1, of: link) }
            link.messages.ring.forEachRun(in: part) { _, messageCount, octets in
                self.distribute(
                    octets,
                    messageCount: messageCount,
                    in: link.tree,
                    toThoseAfter: link.newestAtSetBack
                )
            }
            next = part.upperBound + 1
        }
        if next <= numbers.upperBound { deliver(next...numbers.upperBound, of: link) }
    }

    private func deliver(_ numbers: LinkNumbers, of link: LinkedTree) {
        link.messages.ring.forEachRun(in: numbers) { _, messageCount, octets in
            self.relay.distribute(octets, messageCount: messageCount, in: link.tree)
        }
    }

    /// Down to those of our subscribers who connected after another connection did: the others have had it.
    private func distribute(
        _ run: ByteBuffer,
        messageCount: Int,
        in tree: TreeID,
        toThoseAfter oldest: UInt64
    ) {
        var young = Set<SubscriberID>()
        for (id, _) in relay.connections where id.rawValue > oldest {
            if let subscriber = relay.instance.peer(id)?.subscriber { young.insert(subscriber) }
        }
        let policy = relay.policies[tree.rawValue]
        relay.instance.ledger.route(messageCount: messageCount)
        run.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {
                let topic = UnsafeRawBufferPointer(rebasing: bytes[walker.topic])
                let ids = relay.instance.interest.withBranch(of: tree) { index in
                    index.match(topic).map { index.matchedSet(of: $0).filter(young.contains) } ?? []
                }
                ids.withUnsafeBufferPointer {
                    relay.fanOut.deliver(
                        run,
                        bytes,
                        walker.start..<walker.end,
                        messageCount: 1,
                        policy: policy,
                        to: $0
                    )
                }
            }
        }
    }
}
