import DataPlane
import Vocabulary
import Logging
import NIOCore
import PGM
import Patterns
import Routing
import Transports

/// The segments that a relay serves by multicast; everything on the home loop.
///
/// A head asks its parent for all of a tree's topics, because a transmission to a group cannot be narrowed for one of those
/// who hear it. So a member tells nobody what it wants; it takes everything from the group and distributes it to its own.
extension Relay {
    func open(_ island: IslandID) throws {
        let tree = instance.tree(of: island)
        let configuration = islands[island.rawValue]
        let link = try MulticastLink(
            Endpoint(configuration.endpoint),
            options: MulticastOptions {
                // A configured rate is kept: whoever states one knows the network, so losses do not lower it.
                guard let rate = configuration.rateBitsPerSecond else { return }
                $0.bitsPerSecond = Int(exactly: rate.rounded()) ?? .max
                $0.isRateAdaptive = false
            }
        )
        let source = try MulticastSource(
            link,
            queueLimit: self.configuration.queueLimit,
            budget: budget,
            loop: home,
            observe: { [log] in log.write($0) }
        )
        let segment = ServedIsland(tree: tree, configuration: configuration, source: source)
        source.setCongestionHandler { [weak self, weak segment] in
            segment?.noteCongestion()
            self?.reportPressure()
        }
        served[tree.rawValue].append(segment)
        instance.handleIslandOpened(island, as: fanOut.reserve())
        let name = self.configuration.seats[tree.rawValue].tree
        logger.info(
            "serving segment '\(configuration.segment)' of tree '\(name)' at \(configuration.endpoint)"
        )
    }

    // MARK: - The way down

    /// Sends a tree's messages to the groups it is served to; gives whether there are any.
    func sendToGroups(_ run: ByteBuffer, messageCount: Int, in tree: TreeID) -> Bool {
        let islands = served[tree.rawValue]
        for island in islands {
            island.send(run, messageCount: messageCount, policy: policies[tree.rawValue])
        }
        return !islands.isEmpty
    }

    func flushIslands() {
        for islands in served { for island in islands { island.source.flush() } }
    }

    /// Leaves the groups it hears; sends what is queued for those it serves, and makes the last repairs.
    func closeGroups() async {
        let ends = try? await home.submit {
            for feed in self.groupFeeds { feed.leave() }
            return self.served.joined().map { $0.source.finish(linger: self.configuration.drain) }
        }.get()
        for end in ends ?? [] { try? await end.get() }
    }
}
