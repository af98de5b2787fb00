import Patterns
import Routing
import Wire

/// Events and directives as text, so that tests read.
extension RelayInstance {
    /// Executes nothing; gives what is to be done, a line each, in order.
    mutating func directives() -> [String] {
        var lines: [String] = []
        while let directive = nextDirective() { lines.append(text(of: directive)) }
        return lines
    }

    private func text(of directive: RelayDirective) -> String {
        switch directive {
        case .connect(let parent): "connect \(text(of: parent))"
        case .attach(let peer, let queue): "attach \(peer.rawValue) to \(text(of: queue))"
        case .resume(let peer, let subscriber):
            "resume subscriber \(subscriber.rawValue) at \(peer.rawValue)"
        case .detach(let subscriber): "detach subscriber \(subscriber.rawValue)"
        case .giveUp(let subscriber, let node, let tree):
            "give up \(node) of \(interest.seat(tree).name), subscriber \(subscriber.rawValue)"
        case .disconnect(let peer, let refusal): "disconnect \(peer.rawValue): \(refusal)"
        case .setReading(let peer, let isReading):
            "\(isReading ? "read" : "pause") \(peer.rawValue)"
        case .sendInterest(let interest, let peer): text(of: interest, for: peer)
        case .announce(let announcement): text(of: announcement)
        case .tellLink(let tree, let announcement):
            "link of \(interest.seat(tree).name): \(text(of: announcement))"
        case .open(let island): "open island \(island.rawValue)"
        case .join(let group): "join group \(group.rawValue)"
        case .leave(let group): "leave group \(group.rawValue)"
        case .setGroupReading(let group, let isReading):
            "\(isReading ? "read" : "pause") group \(group.rawValue)"
        case .report(.severalSources(let group, let count)):
            "report \(count) sources of group \(group.rawValue)"
        case .report(.groupSilent(let group)): "report silence of group \(group.rawValue)"
        case .report(.childAway(let node, let tree, let keptFor)):
            "report \(node) of \(interest.seat(tree).name) away, kept for \(keptFor.map { "\($0)" } ?? "ever")"
        case .report(.subscriptionRefused(let peer, let topic)):
            "report \(peer.rawValue) refused \(String(decoding: topic, as: UTF8.self))"
        case .report(.fellBackToTCP(let group, let losesMessages)):
            "report group \(group.rawValue) over TCP\(losesMessages ? ", with a loss" : "")"
        }
    }

    private func text(of parent: ParentConnection) -> String {
        switch parent {
        case .feed(let tree): "feed \(interest.seat(tree).name)"
        case .uplink(let tree): "uplink \(interest.seat(tree).name)"
        }
    }

    private func text(of queue: DownQueue) -> String {
        switch queue {
        case .subscribers: "subscribers"
        case .children(let tree): "children of \(interest.seat(tree).name)"
        }
    }

    private func text(of interest: Interest, for peer: RelayPeer.ID) -> String {
        var topics: [String] = []
        self.interest.forEachTopic(of: interest) {
            topics.append("+" + String(decoding: $0, as: UTF8.self))
        }
        return (["tell \(peer.rawValue) all:"] + topics).joined(separator: " ")
    }

    private func text(of announcement: Announcement) -> String {
        let recipients = announcement.recipients.map { String($0.rawValue) }
        var line = "tell \(recipients.joined(separator: ", ")):"
        announcement.forEachChange { topic, isSubscribe in
            line += " \(isSubscribe ? "+" : "-")" + String(decoding: topic, as: UTF8.self)
        }
        return line
    }

    // MARK: - Events

    mutating func connected(_ id: UInt64, _ arrival: Arrival, at seconds: Int64 = 0) {
        handleConnected(RelayPeer.ID(id), arrival, at: .seconds(seconds))
    }

    mutating func disconnected(_ id: UInt64, at seconds: Int64 = 0) {
        handleDisconnected(RelayPeer.ID(id), at: .seconds(seconds))
    }

    /// A plain subscriber, or a child's feed, with a subscriber id of its own.
    mutating func subscriberConnected(_ id: UInt64, _ claim: LinkClaim? = nil) {
        connected(id, .subscriber(claim))
        while nextDirective() != nil {}
        handleAttached(RelayPeer.ID(id), as: SubscriberID(UInt32(id)))
    }

    mutating func subscribe(_ topic: String, from id: UInt64) {
        Array(topic.utf8).withUnsafeBytes {
            handleSubscription($0, isSubscribe: true, from: RelayPeer.ID(id))
        }
    }

    mutating func cancel(_ topic: String, from id: UInt64) {
        Array(topic.utf8).withUnsafeBytes {
            handleSubscription($0, isSubscribe: false, from: RelayPeer.ID(id))
        }
    }
}

extension Instant {
    static func seconds(_ count: Int64) -> Instant {
        Instant(nanoseconds: count * 1_000_000_000)
    }
}
