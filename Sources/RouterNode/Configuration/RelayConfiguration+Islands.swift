import TreeBuilder
import Vocabulary

extension RelayConfiguration {
    /// A segment that a relay serves by multicast: everything in the tree is sent to the group, once for all receivers.
    public struct Island: Equatable, Sendable {
        public var segment: String
        /// Such as `epgm://eth1;239.192.1.1:7500`.
        public var endpoint: String
        /// Bit/s, repairs included; `nil` = the transport's default.
        public var rateBitsPerSecond: Double?

        public init(segment: String, endpoint: String, rateBitsPerSecond: Double? = nil) {
            self.segment = segment
            self.endpoint = endpoint
            self.rateBitsPerSecond = rateBitsPerSecond
        }
    }

    /// A segment through which the parent's messages arrive, in place of a connection to its subscribers endpoint.
    public struct SegmentFeed: Equatable, Sendable {
        public var segment: String
        public var endpoint: String

        public init(segment: String, endpoint: String) {
            self.segment = segment
            self.endpoint = endpoint
        }
    }
}

extension RelayConfiguration.Seat {
    /// Adds the multicast part of the plan.
    mutating func takeMulticast(
        of place: TreePlan.TreeNode,
        in tree: TreePlan
    ) throws(ConfigurationError) {
        for island in tree.islands where island.head == place.id {
            guard let endpoint = island.endpoint(at: place.id) else { continue }
            islands.append(
                .init(
                    segment: island.segment,
                    endpoint: endpoint,
                    rateBitsPerSecond: island.rateBps
                )
            )
        }
        for feed in tree.feeds where feed.node == place.id {
            let isMulticast = (try? Endpoint(feed.endpoint))?.scheme.isMulticast ?? false
            if isMulticast {
                publisherFeeds.append(feed.endpoint)
            } else {
                dialledPublishers.append(feed.endpoint)
            }
        }
        dialledSubscribers = tree.sinks.filter { $0.node == place.id }.map(\.endpoint)
        guard let segment = place.segment else { return }
        let island = tree.islands.first { $0.segment == segment && $0.members.contains(place.id) }
        guard let island, island.head == place.parent,
            let endpoint = island.endpoint(at: place.id)
        else {
            throw ConfigurationError(
                "in tree '\(tree.name)' node '\(place.id)' hears segment '\(segment)', but the plan has no such "
                    + "island under its parent; plan the topology again"
            )
        }
        feed = .init(segment: segment, endpoint: endpoint)
    }
}
