import DataPlane
import NIOCore
import Routing
import Transports
import Vocabulary
import Wire
import ZMTP

/// What goes against the stream: subscriptions in the form of messages, and messages of XSUBs for XPUBs.
extension Relay {
    /// Messages from a subscriber, a child's feed or the parent's uplink: subscriptions of peers older than ZMTP 3.1, and what an
    /// XSUB's application sends.
    func handleUpstream(_ run: ByteBuffer, from connection: Connection) {
        run.forEachUpstreamMessage { topic, isSubscribe in
            handleSubscription(topic, isSubscribe: isSubscribe, from: connection)
        } onMessage: { message in
            passUpstream(message, from: RelayPeer.ID(connection.id))
        }
    }

    /// On to every XPUB of the tree that the message's first octets belong to. Whoever does not keep up misses it: what goes
    /// upstream waits for nobody, whatever the tree's policy.
    private func passUpstream(_ message: ByteBuffer, from id: RelayPeer.ID) {
        guard let peer = instance.peer(id) ?? links.peers[id]?.peer else { return }
        instance.ledger.receive(messageCount: 1, byteCount: message.readableBytes)
        guard AccessGate(self)?.mayPass(message, from: id) ?? true else { return }
        message.withUnsafeReadableBytes { bytes in
            guard let tree = peer.tree ?? instance.interest.tree(ofMessage: bytes) else {
                instance.ledger.drop(1, .noTree)
                return
            }
            let recipients = upstream.recipients(from: peer, in: tree)
            instance.ledger.route(
                messageCount: 1,
                filteredMessageCount: recipients.isEmpty ? 1 : 0
            )
            for recipient in recipients {
                guard let connection = connections[recipient] ?? links.peers[recipient]?.connection
                else { continue }
                homeBook.owedMessageCount += 1
                _ = connection.outbox.append(
                    message,
                    bytes,
                    0..<bytes.count,
                    messageCount: 1,
                    policy: .dropNewest
                )
                connection.drain()
            }
        }
    }

    // MARK: - Where readers are

    /// Another relay says whether there are readers beyond the link.
    func handleReaders(_ hasReaders: Bool, from connection: Connection) {
        let id = RelayPeer.ID(connection.id)
        guard let peer = instance.peer(id) ?? links.peers[id]?.peer else { return }
        upstream.handleNews(hasReaders: hasReaders, from: id, peer)
        tellReaders()
    }

    func tellReaders() {
        for news in upstream.takeNews() {
            guard
                let connection = connections[news.recipient]
                    ?? links.peers[news.recipient]?.connection
            else { continue }
            let frame = ReadersCommand.frame(hasReaders: news.hasReaders)
            // Children's feeds may live on other loops.
            if connection.loop === home {
                connection.sendControl(frame)
            } else {
                connection.loop.execute { connection.sendControl(frame) }
            }
        }
    }
}

/// What one relay tells another: whether a message that goes upstream finds a reader there. A command of our own, which
/// RFC 37 lets others ignore.
enum ReadersCommand {
    private static let name = "X-READERS"

    static func frame(hasReaders: Bool) -> [UInt8] {
        Command.frame(name, [hasReaders ? 1 : 0])
    }

    /// `nil` when it is another command.
    static func hasReaders(_ command: PeerCommand) -> Bool? {
        guard case .unknown(let name, let data) = command.kind,
            command.part(name).readableBytesView.elementsEqual(Self.name.utf8)
        else { return nil }
        return command.part(data).readableBytesView.first == 1
    }
}
