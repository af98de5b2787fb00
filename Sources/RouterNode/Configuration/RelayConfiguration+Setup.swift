import Routing
import Transports
import Vocabulary

extension RelayConfiguration {
    /// The part of it that a relay's instance needs.
    var setup: RelaySetup {
        var setup = RelaySetup(
            seats: seats.map { seat in
                TreeSeat(
                    name: seat.tree,
                    prefixes: seat.topics.map { Array($0.utf8) },
                    isRoot: seat.parent == nil,
                    rank: seat.rank,
                    isBlocking: seat.overflow == .block,
                    isLinked: seat.link != nil,
                    absenceMax: stall(of: seat).duration
                )
            }
        )
        setup.plan = planIdentity
        setup.access = AccessPolicy(node: access?.list, trees: seats.map(\.access))
        setup.nodeKeys = nodeKeys?.mapValues { "\($0)" }
        setup.islands = seats.enumerated().flatMap { number, seat in
            seat.islands.map { _ in TreeID(number) }
        }
        setup.groups = groupFeeds.map { .init(tree: $0.tree, purpose: $0.purpose) }
        setup.subscriptionLimit = limits.subscriptions
        setup.silenceMax = segmentSilenceMax
        return setup
    }

    /// The groups to hear, in the order of their seats.
    var groupFeeds: [GroupFeed] {
        seats.enumerated().flatMap { number, seat in
            let tree = TreeID(number)
            var feeds: [GroupFeed] = []
            if let feed = seat.feed {
                feeds.append(
                    GroupFeed(
                        tree: tree,
                        purpose: .parent,
                        segment: feed.segment,
                        endpoint: feed.endpoint
                    )
                )
            }
            return feeds
                + seat.publisherFeeds.map {
                    GroupFeed(tree: tree, purpose: .publisher, endpoint: $0)
                }
        }
    }
}
