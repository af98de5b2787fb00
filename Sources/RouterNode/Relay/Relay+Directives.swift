import DataPlane
import Logging
import NIOCore
import Patterns
import Routing
import Transports
import ZMTP

/// Executes the instance's directives, on the home loop.
extension Relay {
    /// Executes all directives there are. A failure is logged, since nobody waits for the result.
    func execute() {
        home.assertInEventLoop()
        while let directive = instance.nextDirective() {
            do {
                try perform(directive)
            } catch {
                logger.error("\(error)")
            }
        }
    }

    func perform(_ directive: RelayDirective) throws {
        switch directive {
        case .connect(let parent): try connect(parent)
        case .attach(let peer, let queue): attach(peer, to: queue)
        case .resume(let peer, let subscriber): resume(peer, as: subscriber)
        case .detach(let subscriber): fanOut.detach(subscriber)
        case .giveUp(let subscriber, let node, let tree): giveUp(subscriber, node, tree)
        case .disconnect(let peer, let refusal): disconnect(peer, refusal)
        case .setReading(let peer, let isReading): setReading(isReading, from: peer)
        case .sendInterest(let interest, let peer): send(interest, to: peer)
        case .announce(let announcement): send(announcement)
        case .tellLink(let tree, let announcement): links.tell(announcement, of: tree)
        case .open(let island): try open(island)
        case .join(let group): try join(group)
        case .leave(let group): leave(group)
        case .setGroupReading(let group, let isReading):
            groupFeeds[group.rawValue].receiver?.setReading(isReading)
        case .report(let news): NewsLog(self).write(news)
        }
    }

    private func setReading(_ isReading: Bool, from peer: RelayPeer.ID) {
        guard let connection = connections[peer] else { return }
        pauses[peer] = isReading ? nil : .now()
        connection.setReading(isReading)
    }

    private func attach(_ peer: RelayPeer.ID, to queue: DownQueue) {
        guard let connection = connections[peer] else { return }
        let subscriber = fanOut.attach(connection, group: Self.fanOutGroup(of: queue))
        instance.handleAttached(peer, as: subscriber)
    }

    private func disconnect(_ peer: RelayPeer.ID, _ refusal: Refusal) {
        guard let connection = connections[peer] else { return }
        let close: @Sendable () -> Void = {
            switch refusal {
            case .tooManySubscriptions: connection.close(.limit(.subscriptions))
            case .parentOfOtherPlan: connection.close(.misbehaviour(refusal.description))
            case .unknownTree, .rankTooLow, .unproven, .childOfOtherPlan, .superseded,
                .subscriptionFromPublisher:
                let reason = refusal.description
                connection.close(.misbehaviour(reason), farewell: Command.errorFrame(reason))
            }
        }
        // At once where possible, so that nothing more is taken from the peer.
        if connection.loop === home { close() } else { connection.loop.execute(close) }
    }

    // MARK: - Interest, outside of every queue limit

    private func send(_ interest: Interest, to peer: RelayPeer.ID) {
        guard let connection = connections[peer], let form = connection.peer?.subscriptionForm
        else { return }
        var frames: [UInt8] = []
        instance.interest.forEachTopic(of: interest) {
            form.append(topic: $0, isSubscribe: true, to: &frames)
        }
        connection.sendControl(frames)
    }

    /// Changes are encoded once per form of subscription, not once per recipient.
    private func send(_ announcement: Announcement) {
        var encoded: [(form: SubscriptionForm, frames: [UInt8])] = []
        for recipient in announcement.recipients {
            guard let connection = connections[recipient],
                let form = connection.peer?.subscriptionForm
            else { continue }
            let place = encoded.firstIndex { $0.form == form } ?? encoded.count
            if place == encoded.count {
                var frames: [UInt8] = []
                announcement.forEachChange { topic, isSubscribe in
                    form.append(topic: topic, isSubscribe: isSubscribe, to: &frames)
                }
                encoded.append((form, frames))
            }
            connection.sendControl(encoded[place].frames)
        }
    }
}
