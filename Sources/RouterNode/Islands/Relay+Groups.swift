import Logging
import NIOCore
import Routing
import Transports
import Vocabulary

/// The groups that a relay hears; everything on the home loop.
extension Relay {
    func join(_ group: GroupID) throws {
        let feed = groupFeeds[group.rawValue]
        let link = try MulticastLink(
            Endpoint(feed.endpoint),
            options: MulticastOptions {
                // A head is heard at least once a second; how often other sources are is not known.
                if feed.purpose == .parent { $0.sourceExpiry = Self.headExpiry }
            }
        )
        let port = GroupPort(relay: self, group: group)
        feed.port = port
        feed.receiver = try MulticastReceiver(
            link,
            messageByteCountMax: configuration.messageByteCountMax,
            loop: home,
            handler: port,
            observe: { port.handle($0) }
        )
        logger.info("hearing \(feed.endpoint)")
    }

    private static let headExpiry = Duration.seconds(5)

    func leave(_ group: GroupID) {
        groupFeeds[group.rawValue].leave()
    }

    // MARK: - What comes from them

    func handleGroupRun(_ run: ByteBuffer, messageCount: Int, from group: GroupID) {
        let (tree, purpose) = instance.handleRun(
            messageCount: messageCount,
            byteCount: run.readableBytes,
            from: group
        )
        switch purpose {
        case .parent: handleFeed(run, messageCount: messageCount, of: tree)
        case .publisher: handlePublished(run, messageCount: messageCount, in: tree)
        }
    }

    func handleSourceAppeared(_ source: MulticastPeer, at group: GroupID) {
        groupFeeds[group.rawValue].sources.append(source)
        reportSources(of: group)
    }

    func handleSourceGone(_ source: MulticastPeer, at group: GroupID) {
        groupFeeds[group.rawValue].sources.removeAll { $0 == source }
        reportSources(of: group)
    }

    private func reportSources(of group: GroupID) {
        let count = groupFeeds[group.rawValue].sources.count
        instance.handleSources(count: count, of: group, at: now)
        execute()
        updateTimer()
    }

    /// Counts packets that nobody could repair; the event itself is logged already.
    func handleGroupLoss(_ loss: MulticastLoss, at group: GroupID) {
        instance.handleLoss(packetCount: loss.packetCount, at: group)
    }
}
