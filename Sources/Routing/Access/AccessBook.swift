import Patterns
import Vocabulary

/// The peers of a relay that has access lists: what each may do, and what it wanted and may not.
///
///     subscription ──▶ wanted ── allowed ──▶ interest
///                         └───── refused: counted, and kept until the list or the peer's mind changes
///
/// Belongs to one `RelayInstance`, which is no more than one, either.
public final class AccessBook {
    private struct Member {
        var peer: AccessList.Peer
        var standing: AccessPolicy.Standing
        var grant: AccessGrant
        var subscriber: SubscriberID?
        var refusedSubscriptionCount = 0
        var refusedMessageCount = 0
    }

    /// What is to become of a subscription or a cancellation.
    enum Verdict: Equatable {
        /// It counts.
        case pass
        /// It changes nothing: it was refused before, or takes back what is not held.
        case ignore
        /// It is refused, for the first time.
        case refuse
        /// The subscriber wants more than the limit.
        case overLimit
    }

    private(set) var policy: AccessPolicy
    private let table: TreeTable
    private let limit: SubscriptionLimit
    private var members: [RelayPeer.ID: Member] = [:]
    /// Of those who are here: a list of a thousand topics is made ready once, and not for each of a thousand peers.
    private var grants: [AccessPolicy.Standing: (grant: AccessGrant, memberCount: Int)] = [:]
    /// All that subscribers have asked for, allowed or not.
    private var wanted = SubscriptionIndex()
    /// Over all peers, those that have left included.
    public private(set) var refusedSubscriptionCount = 0

    /// `nil` where there are no lists.
    init?(_ setup: RelaySetup) {
        guard !setup.access.isEmpty else { return nil }
        policy = setup.access
        table = TreeTable(setup.seats)
        limit = setup.subscriptionLimit
    }

    func add(_ id: RelayPeer.ID, _ peer: AccessList.Peer) {
        if let member = members[id] { leave(member.standing) }
        let standing = policy.standing(of: peer)
        members[id] = Member(peer: peer, standing: standing, grant: enter(standing))
    }

    private func enter(_ standing: AccessPolicy.Standing) -> AccessGrant {
        let grant = grants[standing]?.grant ?? policy.grant(to: standing, table)
        grants[standing, default: (grant, 0)].memberCount += 1
        return grant
    }

    private func leave(_ standing: AccessPolicy.Standing) {
        grants[standing]?.memberCount -= 1
        if grants[standing]?.memberCount == 0 { grants[standing] = nil }
    }

    func remove(_ id: RelayPeer.ID) {
        guard let member = members.removeValue(forKey: id) else { return }
        leave(member.standing)
        if let subscriber = member.subscriber { wanted.removeSubscriber(subscriber) { _ in } }
    }

    /// Which topics a peer may publish; `nil` for one that no list concerns.
    public func publishing(_ id: RelayPeer.ID) -> TopicVerdicts? { members[id]?.grant.publish }

    /// What a peer was refused so far; `nil` for one that no list concerns.
    public func refusals(of id: RelayPeer.ID) -> AccessRefusals? {
        members[id].map {
            AccessRefusals(
                subscriptionCount: $0.refusedSubscriptionCount,
                messageCount: $0.refusedMessageCount
            )
        }
    }

    /// Messages of a peer were dropped as `DropReason.notAllowed`.
    public func noteRefused(messageCount: Int, of id: RelayPeer.ID) {
        members[id]?.refusedMessageCount += messageCount
    }

    func handle(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        from id: RelayPeer.ID,
        as subscriber: SubscriberID
    ) -> Verdict {
        guard let grant = members[id]?.grant else { return .pass }
        members[id]?.subscriber = subscriber
        switch wanted.handle(topic, isSubscribe: isSubscribe, by: subscriber, limit: limit) {
        case .overLimit: return .overLimit
        case .repeated, .none: return .ignore
        case .topic, .subscriber: break
        }
        if grant.subscribe.allowsEverything(beginningWith: topic) { return .pass }
        guard isSubscribe else { return .ignore }
        noteRefusal(of: id)
        return .refuse
    }

    /// A wish that a change of the lists has granted, or taken back.
    struct ChangedWish {
        var peer: RelayPeer.ID
        var subscriber: SubscriberID
        var topic: [UInt8]
        var isAllowed: Bool
    }

    /// The relay's own list has changed: gives every wish that is now allowed and was not, or is not and was.
    func handleList(_ list: AccessList) -> [ChangedWish] {
        policy.node = list
        grants = [:]
        var changes: [ChangedWish] = []
        for id in members.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            guard let member = members[id] else { continue }
            let standing = policy.standing(of: member.peer)
            let grant = enter(standing)
            members[id]?.standing = standing
            members[id]?.grant = grant
            guard let subscriber = member.subscriber else { continue }
            wanted.forEachTopic(of: subscriber) { topic in
                let isAllowed = grant.subscribe.allowsEverything(beginningWith: topic)
                guard isAllowed != member.grant.subscribe.allowsEverything(beginningWith: topic)
                else { return }
                changes.append(
                    ChangedWish(
                        peer: id,
                        subscriber: subscriber,
                        topic: Array(topic),
                        isAllowed: isAllowed
                    )
                )
            }
        }
        for change in changes where !change.isAllowed { noteRefusal(of: change.peer) }
        return changes
    }

    private func noteRefusal(of id: RelayPeer.ID) {
        members[id]?.refusedSubscriptionCount += 1
        refusedSubscriptionCount += 1
    }
}

/// What a peer was refused by access lists.
public struct AccessRefusals: Equatable, Sendable {
    /// Distinct topics each time they were asked for, and those that a change of the list took away.
    public var subscriptionCount: Int
    public var messageCount: Int
}
