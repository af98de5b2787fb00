import DataPlane
import NIOCore
import Patterns
import Routing
import Transports
import ZMTP
import Wire

/// A message's way through the relay, on the home loop.
extension Relay {
    /// From a publisher or a publishing child: towards the root of the message's tree.
    func handlePublished(_ run: ByteBuffer, messageCount: Int, from connection: Connection) {
        home.assertInEventLoop()
        instance.ledger.receive(messageCount: messageCount, byteCount: run.readableBytes)
        guard let gate = AccessGate(self) else {
            return routePublished(run, messageCount: messageCount, from: connection)
        }
        gate.route(run, messageCount: messageCount, from: connection)
    }

    /// The same of what may pass.
    func routePublished(_ run: ByteBuffer, messageCount: Int, from connection: Connection) {
        if let tree = instance.interest.onlyTree ?? instance.tree(of: RelayPeer.ID(connection.id)) {
            return route(run, messageCount: messageCount, in: tree)
        }
        routeByTopic(run)
    }

    /// From the parent: down to whoever wants it.
    func handleFeed(_ run: ByteBuffer, messageCount: Int, of tree: TreeID) {
        home.assertInEventLoop()
        instance.ledger.receive(messageCount: messageCount, byteCount: run.readableBytes)
        distribute(run, messageCount: messageCount, in: tree)
    }

    /// From a multicast group that publishes into one tree; messages of other trees are not accepted from it.
    func handlePublished(_ run: ByteBuffer, messageCount: Int, in tree: TreeID) {
        instance.ledger.receive(messageCount: messageCount, byteCount: run.readableBytes)
        if instance.interest.onlyTree == tree {
            return route(run, messageCount: messageCount, in: tree)
        }
        routeByTopic(run, onlyTo: tree)
    }

    /// Splits a publisher's run into stretches of one tree.
    private func routeByTopic(_ run: ByteBuffer, onlyTo only: TreeID? = nil) {
        let stretches = TreeStretches(of: run, in: instance.interest)
        for (tree, range, messageCount) in stretches.all {
            guard let tree, only == nil || tree == only,
                let slice = run.getSlice(
                    at: run.readerIndex + range.lowerBound,
                    length: range.count
                )
            else {
                instance.ledger.drop(messageCount, .noTree)
                continue
            }
            route(slice, messageCount: messageCount, in: tree)
        }
    }

    private func route(_ run: ByteBuffer, messageCount: Int, in tree: TreeID) {
        if let link = links[tree] { return link.publish(run, messageCount: messageCount) }
        if case .down = instance.destination(in: tree) {
            return distribute(run, messageCount: messageCount, in: tree)
        }
        guard let outbox = upwardOutbox(of: tree) else {
            instance.ledger.drop(messageCount, .noParent)
            return
        }
        instance.ledger.route(messageCount: messageCount)
        homeBook.owedMessageCount += messageCount
        let verdict = run.withUnsafeReadableBytes {
            outbox.append(
                run,
                $0,
                0..<$0.count,
                messageCount: messageCount,
                policy: policies[tree.rawValue]
            )
        }
        if case .disconnect = verdict { uplink(of: tree)?.close(.overflow) }
    }

    func distribute(_ run: ByteBuffer, messageCount: Int, in tree: TreeID) {
        let policy = policies[tree.rawValue]
        if sendToGroups(run, messageCount: messageCount, in: tree), fanOut.subscriberCount == 0 {
            instance.ledger.route(messageCount: messageCount)
            return
        }
        let filteredCount = instance.interest.withBranch(of: tree) {
            fanOut.distribute(run, messageCount: messageCount, by: &$0, policy: policy)
        }
        instance.ledger.route(messageCount: messageCount, filteredMessageCount: filteredCount)
    }

    /// Sends what the reads of one wake-up have brought.
    func flush() {
        execute()
        links.flush()
        fanOut.flush()
        flushIslands()
        for number in policies.indices where !instance.linked.contains(TreeID(number)) {
            let tree = TreeID(number)
            uplink(of: tree)?.drain()
            guard upwardOutbox(of: tree)?.wantsPause == true else { continue }
            reportUplink(of: tree)
            execute()
        }
    }

    /// The connection that a tree's messages go up through; `nil` at the root and without a parent.
    func uplink(of tree: TreeID) -> Connection? {
        guard case .up(let parent) = instance.destination(in: tree) else { return nil }
        return connections[parent]
    }
}
