import Logging
import Routing

/// What an operator reads of a relay's news.
struct NewsLog {
    private let configuration: RelayConfiguration
    private let groupFeeds: [GroupFeed]
    private let log: RelayLog
    private var logger: Logger { log.logger }
    private let addressOf: (RelayPeer.ID) -> String

    init(_ relay: Relay) {
        configuration = relay.configuration
        groupFeeds = relay.groupFeeds
        log = relay.log
        addressOf = { relay.connections[$0]?.peerDescription ?? "" }
    }

    func write(_ news: RelayNews) {
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
        case .subscriptionRefused(let peer, let topic):
            log.writeRefusal(of: addressOf(peer), "subscribe to", topic)
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
