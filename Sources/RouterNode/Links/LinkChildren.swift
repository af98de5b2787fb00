import DataPlane
import NIOCore
import Patterns
import Routing

/// The connections of the children of one tree's link.
struct LinkChildren {
    struct Feed {
        var lane: LinkLane
        var node: String
        /// Its number in the tree's `LinkInterest`.
        var child: SubscriberID
    }

    struct Uplink {
        var lane: LinkLane
        var node: String
    }

    // Both are iterated in the order of their ids.
    private(set) var feeds: [ChildFeedID: Feed] = [:]
    private(set) var uplinks: [ChildUplinkID: Uplink] = [:]
    /// Those whose connection takes no more.
    private var full = Set<ChildFeedID>()
    /// Whether uplinks are not read from, since the way up takes no more (U1).
    private var holdsUplinks = false

    mutating func add(_ feed: Feed, as id: ChildFeedID) {
        feeds[id] = feed
    }

    mutating func add(_ uplink: Uplink, as id: ChildUplinkID) {
        uplinks[id] = uplink
        if holdsUplinks { uplink.lane.connection.setReading(false) }
    }

    mutating func remove(_ id: ChildFeedID) -> Feed? {
        full.remove(id)
        return feeds.removeValue(forKey: id)
    }

    mutating func remove(_ id: ChildUplinkID) -> Uplink? {
        uplinks.removeValue(forKey: id)
    }

    /// Of a connection, whichever of both it is.
    func lane(of connection: UInt64) -> LinkLane? {
        feeds[ChildFeedID(connection)]?.lane ?? uplinks[ChildUplinkID(connection)]?.lane
    }

    /// In the order of their coming.
    var lanes: [LinkLane] {
        feeds.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value.lane)
            + uplinks.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value.lane)
    }

    /// Something was sent to the child. Whether it takes no more from now on.
    mutating func noteSent(to id: ChildFeedID) -> Bool {
        guard let feed = feeds[id], feed.lane.isFull else { return false }
        return full.insert(id).inserted
    }

    /// Those that take more again.
    mutating func takeRelieved() -> [ChildFeedID] {
        guard !full.isEmpty else { return [] }
        let relieved = full.filter { !(feeds[$0]?.lane.isFull ?? false) }
        full.subtract(relieved)
        return relieved.sorted { $0.rawValue < $1.rawValue }
    }

    /// Whether the way up takes no more: what goes up waits at its origin then, and not here.
    mutating func setHoldingUplinks(_ isHolding: Bool) {
        guard isHolding != holdsUplinks else { return }
        holdsUplinks = isHolding
        for uplink in uplinks.values { uplink.lane.connection.setReading(!isHolding) }
    }
}
