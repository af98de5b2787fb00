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

    // MARK: - What an operator reads

    func log(_ news: RelayNews) {
        switch news {
        case .childAway(let node, let tree, let keptFor):
            let time = keptFor.map { "for \($0)" } ?? "until it is back"
            logger.notice(
                "child \(node) of tree '\(name(of: tree))' is away; what waits for it is kept \(time)"
            )
        case .severalSources(let group, let count):
            logger.notice(
                """
                \(describe(group)) has \(count) sources; unless its head has just been restarted, somebody else is sending \
                to its group
                """
            )
        case .groupSilent(let group):
            logger.notice("\(describe(group)) is silent: its last source is gone")
        case .fellBackToTCP(let group, let losesMessages):
            let gap = losesMessages ? "; messages sent in between are lost" : ""
            logger.warning(
                """
                \(describe(group)): the parent is connected, but nothing has been heard from it by multicast for \
                \(configuration.segmentSilenceMax); taking the feed over TCP until this relay is restarted\(gap)
                """
            )
        }
    }

    private func name(of tree: TreeID) -> String { configuration.seats[tree.rawValue].tree }

    private func describe(_ group: GroupID) -> String {
        let feed = groupFeeds[group.rawValue]
        let tree = name(of: feed.tree)
        return feed.segment.map { "segment '\($0)' of tree '\(tree)'" }
            ?? "feed \(feed.endpoint) of tree '\(tree)'"
    }
}
