import DataPlane
import Logging
import NIOCore
import Patterns
public import Routing
import Transports
import Vocabulary
import Wire
import ZMTP

/// The trees that have links, on the home loop.
extension Relay {
    func openLinks() {
        guard let incarnation = sockets.linkIncarnation else { return }
        links = configuration.seats.indices.map {
            LinkedTree(self, TreeID($0), incarnation: incarnation)
        }
    }

    func closeLinks() {
        for case let link? in links { link.stop() }
    }

    /// The link that a tree's messages go through; `nil` where there are plain connections.
    func link(of tree: TreeID) -> LinkedTree? {
        guard tree.rawValue < links.count, let link = links[tree.rawValue], link.isRunning else {
            return nil
        }
        return link
    }

    private func link(named tree: String) -> LinkedTree? {
        instance.interest.tree(named: tree).flatMap { link(of: $0) }
    }

    // MARK: - Interest

    func tellLink(_ announcement: Announcement, of tree: TreeID) {
        guard let link = link(of: tree) else { return }
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
    func handleLink(
        _ connection: Connection,
        _ remote: RemotePeer,
        _ claim: LinkClaim,
        _ kind: RelayPort.Kind
    ) {
        do throws(Refusal) {
            let tree = try instance.treeOfLink(claim, of: connection.accessPeer(remote)) { tree in
                link(of: tree)?.mayBeRoot ?? false
            }
            guard let link = links[tree.rawValue] else {
                return LinkedTree.refuse(LinkLane(connection, home: home))
            }
            linkConnections[connection.id] = tree
            if case .subscribers = kind {
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

    func handleLink(_ input: Result<LinkInput, LinkFault>, on connection: Connection) {
        guard let tree = linkConnections[connection.id] else { return }
        link(of: tree)?.handle(input, on: connection)
    }

    func handleLinkDrain(_ connection: Connection, waitingByteCount: Int) {
        guard let tree = linkConnections[connection.id] else { return }
        link(of: tree)?.handleDrain(connection, waitingByteCount: waitingByteCount)
    }

    // MARK: - Upstream

    /// Messages that an XSUB sends go up and down the tree as they are, between the link's commands.
    func addLinkPeer(_ connection: Connection, _ role: RelayPeer.Role, node: String?) {
        let id = RelayPeer.ID(connection.id)
        let peer = RelayPeer(role, node: node)
        linkPeers[id] = (peer, connection)
        upstream.handleConnected(id, peer, isXPUB: false)
        tellReaders()
    }

    func removeLinkPeer(_ connection: Connection) {
        let id = RelayPeer.ID(connection.id)
        guard let peer = linkPeers.removeValue(forKey: id)?.peer else { return }
        upstream.handleDisconnected(id, peer)
        tellReaders()
        guard connection.loop === home else { return }
        connection.outbox.abandon(.disconnected)
        homeBook.counters.add(connection.outbox.counters)
    }

    // MARK: - Repeats

    /// Down to those of our subscribers who connected after another connection did: the others have had it.
    func distribute(
        _ run: ByteBuffer,
        messageCount: Int,
        in tree: TreeID,
        toThoseAfter oldest: UInt64
    ) {
        var young: [SubscriberID] = []
        for (id, _) in connections where id.rawValue > oldest {
            if let subscriber = instance.peer(id)?.subscriber { young.append(subscriber) }
        }
        let policy = policies[tree.rawValue]
        instance.ledger.route(messageCount: messageCount)
        run.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {
                let topic = UnsafeRawBufferPointer(rebasing: bytes[walker.topic])
                let ids = instance.interest.withBranch(of: tree) { index in
                    index.match(topic).map { terminal in
                        index.matchedSet(of: terminal).filter { young.contains($0) }
                    } ?? []
                }
                guard !ids.isEmpty else { continue }
                ids.withUnsafeBufferPointer {
                    fanOut.deliver(
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

    // MARK: - The arbiter

    func ask(_ request: ArbiterRequest, of tree: String) {
        guard let arbiter else {
            return logger.notice("tree '\(tree)': nobody is there to decide on \(request)")
        }
        arbiter(tree, request)
    }
}

extension Relay {
    /// Says who decides which relay is a tree's root. What it answers comes by `handle(_:of:)`.
    public func setArbiter(_ ask: @escaping @Sendable (_ tree: String, ArbiterRequest) -> Void) {
        home.execute { self.arbiter = ask }
    }

    /// Calls `body` from the relay's home loop: not before it has done what it was busy with.
    public func whenAlive(_ body: @escaping @Sendable () -> Void) {
        home.execute(body)
    }

    /// The arbiter has said something of a tree; ignored where the tree has no link here.
    public func handle(_ news: ArbiterNews, of tree: String) {
        home.execute {
            guard let link = self.link(named: tree) else { return }
            switch news {
            case .named(let naming): link.core.handleNamed(naming, at: .now)
            case .takenIn(let node): link.core.handleTakenIn(node, at: .now)
            case .takenOut(let node): link.core.handleTakenOut(node, at: .now)
            case .office(let naming): link.core.handleOffice(naming, at: .now)
            case .dead(let node): link.core.handleDead(node, at: .now)
            }
            link.executeAndFlush()
        }
    }
}
