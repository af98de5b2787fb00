/// Who has joined which group at a RADIO, and what a DISH has joined (RFC 48).
///
/// ```
///   join("news", by: 3)          "news"  ─▶ [3, 7]
///   join("news", by: 7)          "new"   ─▶ []       exact, no prefix
/// ```
///
/// A `SubscriptionIndex` of groups that end in a zero octet, which no group has: so the only topic a terminated group can begin with is
/// itself, and bounds, clean-up and cached sets are the same for groups as for topics.
public struct GroupIndex: ~Copyable {
    private var index = SubscriptionIndex()

    public init() {}

    /// Groups that somebody is in.
    public var groupCount: Int { index.topicCount }

    /// How many groups that member is in.
    public func groupCount(of member: SubscriberID) -> Int { index.subscriptionCount(of: member) }

    /// RFC 48 "Group": at most 255 octets, none of them zero.
    public static func isGroup(_ octets: UnsafeRawBufferPointer) -> Bool {
        octets.count <= byteCountMax && !octets.contains(0)
    }

    /// Joins or leaves a group.
    ///
    /// - Parameters:
    ///   - group: what `isGroup` accepts.
    ///   - isJoin: whether it joins.
    ///   - member: who.
    ///   - limit: what one member may hold; the terminator counts as an octet.
    /// - Returns: what that changed.
    public mutating func handle(
        _ group: UnsafeRawBufferPointer,
        isJoin: Bool,
        by member: SubscriberID,
        limit: SubscriptionLimit = SubscriptionLimit()
    ) -> InterestChange {
        Self.withTerminated(group) {
            index.handle($0, isSubscribe: isJoin, by: member, limit: limit)
        }
    }

    /// The member is gone.
    public mutating func remove(_ member: SubscriberID) {
        index.removeSubscriber(member) { _ in }
    }

    /// Everybody in that group, in ascending order; good until the next call of a mutating function.
    public mutating func members(
        of group: UnsafeRawBufferPointer
    ) -> UnsafeBufferPointer<SubscriberID> {
        guard group.count <= Self.byteCountMax,
            let terminal = Self.withTerminated(group, { index.match($0) })
        else { return UnsafeBufferPointer(start: nil, count: 0) }
        return index.matchedSet(of: terminal)
    }

    /// Whether anybody is in that group.
    public func contains(_ group: UnsafeRawBufferPointer) -> Bool {
        group.count <= Self.byteCountMax && Self.withTerminated(group) { index.match($0) } != nil
    }

    /// Calls the body with every group somebody is in, in lexicographic order of the octets, which are good during the call.
    public func forEachGroup(_ body: (UnsafeRawBufferPointer) -> Void) {
        index.forEachTopic { body(UnsafeRawBufferPointer(rebasing: $0.dropLast())) }
    }

    private static func withTerminated<Result>(
        _ group: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(byteCount: byteCountMax + 1, alignment: 1) { buffer in
            buffer.copyMemory(from: group)
            buffer[group.count] = 0
            return body(UnsafeRawBufferPointer(rebasing: buffer[...group.count]))
        }
    }

    private static let byteCountMax = 255
}
