import Patterns
import Vocabulary

/// The peers of a relay that has access lists: what each may do, and what it wanted and may not.
///
///     subscription ──▶ wanted ── allowed ──▶ interest
///                         └───── refused: counted, and kept until the list or the peer's mind changes
///
/// Belongs to one `RelayInstance`, which is no more than one, either.
final class AccessBook {
    private struct Member {
        var peer: AccessList.Peer
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
    /// All that subscribers have asked for, allowed or not.
    private var wanted = SubscriptionIndex()
    /// Over all peers, those that have left included.
    private(set) var refusedSubscriptionCount = 0

    init(_ policy: AccessPolicy, _ seats: [TreeSeat], limit: SubscriptionLimit) {
        self.policy = policy
        table = TreeTable(seats)
        self.limit = limit
    }

    func add(_ id: RelayPeer.ID, _ peer: AccessList.Peer) {
        members[id] = Member(peer: peer, grant: policy.grant(to: peer, table))
    }

    func remove(_ id: RelayPeer.ID) {
        guard let member = members.removeValue(forKey: id) else { return }
        if let subscriber = member.subscriber { wanted.removeSubscriber(subscriber) { _ in } }
    }

    /// `nil` for a peer that no list concerns.
    func publishing(_ id: RelayPeer.ID) -> TopicVerdicts? { members[id]?.grant.publish }

    /// What a peer was refused so far; `nil` for one that no list concerns.
    func refusals(of id: RelayPeer.ID) -> AccessRefusals? {
        members[id].map {
            AccessRefusals(
                subscriptionCount: $0.refusedSubscriptionCount,
                messageCount: $0.refusedMessageCount
            )
        }
    }

    func noteRefused(messageCount: Int, of id: RelayPeer.ID) {
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
        members[id]?.refusedSubscriptionCount += 1
        refusedSubscriptionCount += 1
        return .refuse
    }

    /// The lists have changed: calls `body` with every wish that is now allowed and was not, or is not and was.
    func handlePolicy(
        _ policy: AccessPolicy,
        _ body: (RelayPeer.ID, _ topic: UnsafeRawBufferPointer, _ isAllowed: Bool) -> Void
    ) {
        self.policy = policy
        for id in members.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            guard let member = members[id] else { continue }
            let grant = policy.grant(to: member.peer, table)
            members[id]?.grant = grant
            guard let subscriber = member.subscriber else { continue }
            var refusedCount = 0
            wanted.forEachTopic(of: subscriber) { topic in
                let isAllowed = grant.subscribe.allowsEverything(beginningWith: topic)
                guard isAllowed != member.grant.subscribe.allowsEverything(beginningWith: topic)
                else { return }
                if !isAllowed { refusedCount += 1 }
                body(id, topic, isAllowed)
            }
            members[id]?.refusedSubscriptionCount += refusedCount
            refusedSubscriptionCount += refusedCount
        }
    }
}

/// What a peer was refused by access lists.
public struct AccessRefusals: Equatable, Sendable {
    /// Distinct topics each time they were asked for, and those that a change of the list took away.
    public var subscriptionCount: Int
    public var messageCount: Int
}
