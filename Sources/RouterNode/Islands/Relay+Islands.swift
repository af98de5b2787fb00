import DataPlane
import Vocabulary
import Logging
import NIOCore
import PGM
import Patterns
import Routing
import Transports

/// Multicast at a relay: the segments it serves, and the groups it hears.
///
/// A head asks its parent for all of a tree's topics, because a transmission to a group cannot be narrowed for one who hears
/// it. So a member tells nobody what it wants; it takes everything from the group and distributes it to its own.
extension Relay {
    /// Opens the groups of one seat; on the way of the start.
    func openGroups(of seat: RelayConfiguration.Seat, _ tree: TreeID) async throws {
        for island in seat.islands { try await serve(island, of: seat, tree) }
        if let feed = seat.feed {
            let purpose = GroupFeed.Purpose.parent(segment: feed.segment)
            try await hear(GroupFeed(tree: tree, purpose: purpose, endpoint: feed.endpoint))
        }
        for endpoint in seat.publisherFeeds {
            try await hear(GroupFeed(tree: tree, purpose: .publisher, endpoint: endpoint))
        }
    }

    private func serve(
        _ island: RelayConfiguration.Island,
        of seat: RelayConfiguration.Seat,
        _ tree: TreeID
    ) async throws {
        let link = try MulticastLink(
            Endpoint(island.endpoint),
            options: MulticastOptions {
                // Who states a rate knows the network: it does not give way to losses.
                guard let rate = island.rateBitsPerSecond else { return }
                $0.bitsPerSecond = Int(exactly: rate.rounded()) ?? .max
                $0.isRateAdaptive = false
            }
        )
        try await home.submit { [logger] in
            let source = try MulticastSource(
                link,
                queueLimit: self.configuration.queueLimit,
                loop: self.home,
                observe: { RelayLog.write($0, to: logger) }
            )
            source.setCongestionHandler { [weak self] in self?.updateReading() }
            self.served[tree.rawValue].append(
                ServedIsland(tree: tree, configuration: island, source: source)
            )
            let listener = self.fanOut.reserve()
            for prefix in self.core.seat(tree).prefixes {
                prefix.withUnsafeBytes { self.core.handleSubscribe($0, by: listener, in: tree) }
            }
        }.get()
        logger.info(
            "serving segment '\(island.segment)' of tree '\(seat.tree)' at \(island.endpoint)"
        )
    }

    private func hear(_ feed: GroupFeed) async throws {
        let link = try MulticastLink(
            Endpoint(feed.endpoint),
            options: MulticastOptions {
                // A head says at least once a second that it lives; of strangers' sources that is not known.
                if feed.isParent { $0.sourceExpiry = Self.headExpiry }
            }
        )
        try await home.submit {
            let port = GroupPort(relay: self, feed: feed)
            feed.port = port
            feed.receiver = try MulticastReceiver(
                link,
                messageByteCountMax: self.configuration.messageByteCountMax,
                loop: self.home,
                handler: port,
                observe: { port.handle($0) }
            )
            self.groupFeeds.append(feed)
        }.get()
        logger.info("hearing \(feed.endpoint)")
    }

    private static let headExpiry = Duration.seconds(5)

    // MARK: - The way down

    /// Sends a tree's messages to the groups it is served at. Whether there are any.
    func sendToGroups(_ run: ByteBuffer, messageCount: Int, in tree: TreeID) -> Bool {
        let islands = served[tree.rawValue]
        for island in islands {
            _ = island.source.append(
                run,
                messageCount: messageCount,
                policy: policies[tree.rawValue]
            )
        }
        return !islands.isEmpty
    }

    func flushIslands() {
        for islands in served { for island in islands { island.source.flush() } }
    }

    /// Leaves the groups it hears, lets what waits leave to those it serves, and makes the last repairs.
    func closeGroups() async {
        let ends = try? await home.submit {
            for feed in self.groupFeeds {
                feed.receiver?.close()
                feed.receiver = nil
            }
            return self.served.joined().map { $0.source.finish(linger: self.configuration.drain) }
        }.get()
        for end in ends ?? [] { try? await end.get() }
    }
}
