import RouterNode

/// What one node of a fleet answered when it was asked. The JSON keys are the property names.
struct NodeReport: Codable, Equatable, Sendable {
    var id: String
    var label: String
    /// `host:port`.
    var control: String
    var isReachable: Bool
    /// Why it is not reachable.
    var problem: String?
    var status: NodeStatus?

    /// Whether it is reachable and has its parent in every tree.
    var isConnected: Bool { status.map { $0.trees.allSatisfy(\.isConnected) } ?? false }
}

/// A fleet at one moment. The JSON keys are the property names.
struct FleetReport: Codable, Equatable, Sendable {
    struct Summary: Codable, Equatable, Sendable {
        var nodes = 0
        var reachable = 0
        /// Reachable, and connected to the parent in every tree.
        var connected = 0
        var receivedMessages = 0
        var sentMessages = 0
        var droppedMessages = 0
        /// By reason.
        var drops: [String: Int] = [:]
        var orphanedMessages = 0
        /// Of which nothing is known: anything but 0 is a fault of xylem.
        var unaccounted = 0
        /// How often nodes have been started anew.
        var restarts = 0
        var queuedMessages = 0
        var publishers = 0
        var subscribers = 0
        /// Multicast packets that were missed and repaired, and that were lost for good.
        var repairedPackets = 0
        var lostPackets = 0
    }

    var name: String
    var summary: Summary
    var nodes: [NodeReport]

    init(name: String, nodes: [NodeReport]) {
        self.name = name
        self.nodes = nodes
        summary = Summary()
        summary.nodes = nodes.count
        summary.reachable = nodes.filter(\.isReachable).count
        summary.connected = nodes.filter(\.isConnected).count
        // Not by a key path: Swift 6.3 copies through `?` in one with memory that overlaps.
        for case let totals? in nodes.map({ $0.status?.totals }) {
            summary.receivedMessages += totals.receivedMessages
            summary.sentMessages += totals.sentMessages
            summary.droppedMessages += totals.droppedMessages
            summary.orphanedMessages += totals.orphanedMessages
            summary.queuedMessages += totals.queuedMessages
            summary.publishers += totals.publishers
            summary.subscribers += totals.subscribers
        }
        for status in nodes.compactMap(\.status) {
            summary.drops.merge(status.totals.drops, uniquingKeysWith: +)
            summary.unaccounted += status.balance.unaccounted
            summary.restarts += status.restarts
        }
        for island in nodes.compactMap(\.status).flatMap(\.islands) where island.role != "head" {
            summary.repairedPackets += island.repairPackets
            summary.lostPackets += island.lostPackets
        }
    }
}

extension FleetReport {
    /// Connections that subscribe to something at any of the relays; relays do not count.
    var subscribedCount: Int {
        nodes.reduce(0) { sum, node in
            sum
                + (node.status?.peers.count { $0.role == "subscriber" && $0.subscriptions > 0 } ?? 0)
        }
    }
}
