public import Vocabulary
public import ZMTP

/// What has passed between a socket and one of its peers, and what waits.
public struct PeerStatistics: Equatable, Sendable, CustomStringConvertible {
    public var ends: ConnectionEnds
    /// The endpoint that was dialled; `nil` for a peer that was accepted.
    public var endpoint: Endpoint?
    /// What the peer said of itself.
    public var peer: RemotePeer
    /// What arrived from it, in messages and octets with their headers.
    public var received: TrafficCount
    /// What was meant for it: sent, waiting, and dropped under each reason.
    public var outgoing: OutboxCounters
    /// Messages of it that the application has not taken yet.
    public var unreadMessageCount = 0
    /// How long it takes to answer a PING; `nil` before its first answer, which is after one interval of the heartbeat, and for peers
    /// that cannot be asked.
    public var roundTrip: RoundTripTime?

    public var description: String {
        var text = "\(ends): \(received.messageCount) received (\(received.byteCount) B), "
        text += "\(outgoing.sentMessageCount) sent (\(outgoing.sentByteCount) B), "
        text += "\(outgoing.queuedMessageCount) to send, \(unreadMessageCount) to take, "
        text += "\(outgoing.droppedMessageCount) dropped"
        if let roundTrip { text += ", round trip \(roundTrip.smoothed)" }
        return text
    }
}
