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
            try await hear(
                GroupFeed(
                    tree: tree,
                    purpose: .parent(segment: feed.segment),
                    endpoint: feed.endpoint
                )
            )
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
        let endpoint = try Endpoint(island.endpoint)
        let options = sourceOptions(of: island)
        try await home.submit {
            let source = try MulticastSource(endpoint, options: options, loop: self.home)
            self.served[tree.rawValue].append(
                ServedIsland(tree: tree, configuration: island, source: source)
            )
            source.onDrain = { [weak self] in self?.updateReading() }
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
        let endpoint = try Endpoint(feed.endpoint)
        try await home.submit {
            feed.receiver = try MulticastReceiver(
                endpoint,
                options: self.receiverOptions(of: feed),
                loop: self.home,
                handler: GroupHandler(relay: self, feed: feed)
            )
            self.groupFeeds.append(feed)
        }.get()
        logger.info("hearing \(feed.endpoint)")
    }
}
