import NIOCore
import Patterns
import Routing
import Transports
import Vocabulary
import Wire
import ZMTP

/// A relay's access lists in the way of messages, on the home loop.
struct AccessGate {
    private let relay: Relay
    private let book: AccessBook

    /// `nil` where there are no lists.
    init?(_ relay: Relay) {
        guard let book = relay.instance.access else { return nil }
        self.relay = relay
        self.book = book
    }

    /// Passes on those messages of a publisher's run that it may publish, as few slices; a run that may pass whole stays whole.
    func route(_ run: ByteBuffer, messageCount: Int, from connection: Connection) {
        let id = RelayPeer.ID(connection.id)
        guard let verdicts = book.publishing(id), verdicts.uniform != true else {
            return relay.routePublished(run, messageCount: messageCount, from: connection)
        }
        var stretches: [(range: Range<Int>, messageCount: Int)] = []
        var forbiddenCount = 0
        var forbidden: [UInt8] = []
        run.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {
                let topic = UnsafeRawBufferPointer(rebasing: bytes[walker.topic])
                guard verdicts.allows(topic) else {
                    if forbiddenCount == 0 { forbidden = Array(topic.prefix(64)) }
                    forbiddenCount += 1
                    continue
                }
                if let last = stretches.last, last.range.upperBound == walker.start {
                    stretches[stretches.count - 1] = (
                        last.range.lowerBound..<walker.end, last.messageCount + 1
                    )
                } else {
                    stretches.append((walker.start..<walker.end, 1))
                }
            }
        }
        refuse(forbiddenCount, beginningWith: forbidden, of: id)
        for (range, count) in stretches {
            let start = run.readerIndex + range.lowerBound
            guard let slice = run.getSlice(at: start, length: range.count) else { continue }
            relay.routePublished(slice, messageCount: count, from: connection)
        }
    }

    /// Whether a message that a peer sends upstream may pass; one that may not is counted.
    func mayPass(_ message: ByteBuffer, from id: RelayPeer.ID) -> Bool {
        guard let verdicts = book.publishing(id) else { return true }
        return message.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            guard walker.next() else { return true }
            let topic = UnsafeRawBufferPointer(rebasing: bytes[walker.topic])
            if verdicts.allows(topic) { return true }
            refuse(1, beginningWith: Array(topic.prefix(64)), of: id)
            return false
        }
    }

    private func refuse(_ messageCount: Int, beginningWith topic: [UInt8], of id: RelayPeer.ID) {
        guard messageCount > 0 else { return }
        relay.instance.ledger.drop(messageCount, .notAllowed)
        book.noteRefused(messageCount: messageCount, of: id)
        relay.log.writeRefusal(of: relay.connections[id]?.peerDescription ?? "", "publish", topic)
    }
}

extension Connection {
    /// Who is at the other end, in the words of access lists.
    func accessPeer(_ remote: RemotePeer) -> AccessList.Peer {
        let host = PeerIntroduction.host(of: peerDescription)
        return AccessList.Peer(
            key: remote.publicKey.map { "\($0)" },
            user: remote.userID,
            // An interface's name after `%` says how to reach the peer, not who it is.
            address: host.flatMap { NetworkAddress(text: $0.prefix { $0 != "%" }) }
        )
    }
}
