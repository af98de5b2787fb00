import Routing

/// A publisher or a subscriber that listens itself, and that a relay dials.
struct DialledPeer: Equatable, Sendable {
    enum Side: String, Sendable {
        case publishers, subscribers
    }

    var side: Side
    var endpoint: String
    /// The tree whose messages it deals in; `nil` = every tree.
    var tree: TreeID?

    var arrival: Arrival {
        switch (side, tree) {
        case (.publishers, let tree?): .treePublisher(tree)
        case (.publishers, nil): .publisher(nil)
        case (.subscribers, let tree?): .treeSubscriber(tree)
        case (.subscribers, nil): .subscriber(nil)
        }
    }
}

extension RelayConfiguration {
    /// Everybody whom the relay dials, besides its parents.
    var dialled: [DialledPeer] {
        publishers.dialled.map { DialledPeer(side: .publishers, endpoint: $0) }
            + subscribers.dialled.map { DialledPeer(side: .subscribers, endpoint: $0) }
            + seats.enumerated().flatMap { number, seat in
                seat.dialledPublishers.map {
                    DialledPeer(side: .publishers, endpoint: $0, tree: TreeID(number))
                }
                    + seat.dialledSubscribers.map {
                        DialledPeer(side: .subscribers, endpoint: $0, tree: TreeID(number))
                    }
            }
    }
}
