/// How a PUB or XPUB behaves (RFC 29).
public struct PublisherOptions: Sendable {
    /// XPUB: whether subscribers ask and the application decides (`ZMQ_XPUB_MANUAL`). Each subscription and cancellation is news, and none has any
    /// effect but by `XPublisher.grant` and `revoke`.
    public var isManual = false
    /// XPUB with `isManual`: the first message after a `grant` goes only to the subscriber that it was for, if it wants it
    /// (`ZMQ_XPUB_MANUAL_LAST_VALUE`): the last value, which all others have.
    public var sendsToLast = false
    /// What every new subscriber is sent first, whatever it has asked for (`ZMQ_XPUB_WELCOME_MSG`). A SUB passes it on only if it has subscribed to
    /// what it begins with.
    public var welcomeMessage: Message?
    /// XPUB: whether every frame of a message from upstream may be a subscription, or only the first (`ZMQ_ONLY_FIRST_SUBSCRIBE`, which libzmq
    /// has off). With only the first, frames of an application that happen to begin with an octet 0 or 1 stay what they are.
    public var readsEveryFrame = false

    public init() {}
}
