import Logging
import NIOCore
import Patterns
import Routing
import Transports
import Vocabulary
import Wire
import ZMTP

/// Access lists in the way of messages, on the home loop.
extension Relay {
    /// Passes on those messages of a publisher's run that it may publish, as few slices; a run that may pass whole stays whole.
    func routeAllowed(
        _ run: ByteBuffer,
        messageCount: Int,
        by verdicts: TopicVerdicts,
        from connection: Connection
    ) {
        if verdicts.uniform == true {
            return routePublished(run, messageCount: messageCount, from: connection)
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
        refuse(forbiddenCount, beginningWith: forbidden, of: RelayPeer.ID(connection.id))
        for (range, count) in stretches {
            let start = run.readerIndex + range.lowerBound
            guard let slice = run.getSlice(at: start, length: range.count) else { continue }
            routePublished(slice, messageCount: count, from: connection)
        }
    }

    /// Whether a message that a peer sends upstream may pass; one that may not is counted.
    func mayPass(_ message: ByteBuffer, from id: RelayPeer.ID) -> Bool {
        guard instance.hasAccessLists, let verdicts = instance.publishing(id) else { return true }
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
        instance.handleForbidden(messageCount: messageCount, from: id)
        log.writeRefusal(of: connections[id]?.peerDescription ?? "", "publish", topic)
    }

    /// Follows the file of the relay's own list; returns when the relay has stopped.
    func followAccessFile(_ file: AccessFile) async {
        var lastProblem: AccessError?
        while !Task.isCancelled {
            do throws(AccessError) {
                if let list = try file.changedList() {
                    log.logger.notice("\(file.path) has changed; its access list is in force")
                    try? await home.submit {
                        self.instance.handleAccessList(list)
                        self.flush()
                    }.get()
                }
                lastProblem = nil
            } catch {
                if lastProblem != error {
                    log.logger.error("\(error); the access list stays as it was")
                }
                lastProblem = error
            }
            try? await Task.sleep(for: Self.accessFileInterval)
        }
    }

    /// How often the file is looked at.
    private static let accessFileInterval = Duration.seconds(1)
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
