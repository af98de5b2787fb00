import Logging
import NIOCore
import Routing
import Transports

/// What comes from the groups that a relay hears; everything on the home loop.
extension Relay {
    func handleGroupRun(_ run: ByteBuffer, messageCount: Int, from feed: GroupFeed) {
        feed.messageCount += messageCount
        feed.byteCount += run.readableBytes
        if feed.isParent {
            handleFeed(run, messageCount: messageCount, of: feed.tree)
        } else {
            handlePublished(run, messageCount: messageCount, in: feed.tree)
        }
    }

    func handleSourceAppeared(_ source: MulticastPeer, at feed: GroupFeed) {
        feed.sources.append(source)
        feed.state = .receiving
        if feed.isParent, feed.sources.count > 1 {
            // After the restart of a head this is so until the old session has expired.
            logger.notice(
                """
                \(describe(feed)) hears \(feed.sources.count) sources; unless the head was started anew just now, somebody \
                else sends to its group
                """
            )
        }
    }

    func handleSourceGone(_ source: MulticastPeer, at feed: GroupFeed) {
        feed.sources.removeAll { $0 == source }
        guard feed.sources.isEmpty, feed.state == .receiving else { return }
        feed.state = .silent
        logger.notice("\(describe(feed)) is silent: its last source, \(source), is gone")
        watchSilence(of: feed)
    }

    /// Packets that nobody could repair. The event is logged; this counts.
    func handleGroupLoss(_ loss: MulticastLoss, at feed: GroupFeed) {
        feed.lossCount += 1
        feed.lostPacketCount += loss.packetCount
    }

    private func describe(_ feed: GroupFeed) -> String {
        let tree = core.seat(feed.tree).name
        return feed.segment.map { "segment '\($0)' of tree '\(tree)'" }
            ?? "feed \(feed.endpoint) of tree '\(tree)'"
    }

    // MARK: - When nothing is heard

    /// Called when the parent's uplink comes up, and when the last source goes: the parent is there, so its group must be
    /// heard soon.
    func watchSilence(of feed: GroupFeed) {
        let tree = feed.tree.rawValue
        guard feed.isParent, let uplink = uplinks[tree] else { return }
        home.scheduleTask(in: TimeAmount(configuration.segmentSilenceMax)) {
            guard self.uplinks[tree] === uplink, feed.sources.isEmpty, feed.state != .tcp else {
                return
            }
            self.changeToTCP(feed)
        }
    }

    /// The group is left for good, so that no message comes twice. What was sent between the last that was heard and the
    /// first over TCP is lost, which counts as a loss unless nothing had ever been heard.
    private func changeToTCP(_ feed: GroupFeed) {
        let silence = configuration.segmentSilenceMax
        let wasHeard = feed.messageCount > 0
        if wasHeard { feed.lossCount += 1 }
        feed.receiver?.close()
        feed.receiver = nil
        feed.state = .tcp
        let gap = wasHeard ? "; messages sent in between are lost" : ""
        logger.warning(
            """
            \(describe(feed)): the parent is connected, but nothing was heard of it by multicast for \(silence); taking the \
            feed over TCP until this relay is started anew\(gap)
            """
        )
        do {
            try connectFeed(feed.tree)
        } catch {
            logger.error("\(describe(feed)): no feed over TCP either: \(error)")
        }
    }
}
