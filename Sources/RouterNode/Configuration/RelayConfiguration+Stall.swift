public import Vocabulary
import ZMTP

extension RelayConfiguration {
    /// What a tree under `block` waits for a peer, where nothing else is said.
    public static let stallOfBlock = StallTimeout.after(.seconds(60))

    /// How long a peer may take nothing of a tree's messages.
    ///
    /// Under `block` it holds up everybody meanwhile, so there is an end to it. Under the other policies it costs its queue and
    /// misses its own messages: it stays, as with libzmq, unless the operator says otherwise.
    public func stall(of seat: Seat) -> StallTimeout {
        seat.stall ?? stall ?? (seat.overflow == .block ? Self.stallOfBlock : .never)
    }

    /// For a plain subscriber, whom every tree may reach: the strictest of them.
    var subscriberStall: Duration? {
        seats.compactMap { stall(of: $0).duration }.min()
    }

    /// For a peer that stops inside a message: a link that is cut for as long as `block` waits stops there, too.
    var partialMessageTimeout: Duration? {
        guard var timeout = stallTimeout else { return nil }
        for seat in seats where seat.overflow == .block {
            guard let stall = stall(of: seat).duration else { return nil }
            timeout = max(timeout, stall)
        }
        return timeout
    }

    /// Of the links to a seat's parent. Under `block` an outage is waited for, as long as for a peer that takes nothing: what
    /// has been written to a connection survives as long as the connection does, and no longer.
    func linkHeartbeat(of seat: Seat) -> HeartbeatOptions {
        guard seat.overflow == .block, let least = linkHeartbeat.timeout else {
            return linkHeartbeat
        }
        let stall = stall(of: seat).duration
        var heartbeat = linkHeartbeat
        heartbeat.timeout = max(least, stall ?? Self.withoutEnd)
        heartbeat.timeToLive = stall.map { max(least, $0) }
        return heartbeat
    }

    private static let withoutEnd = Duration.seconds(365 * 24 * 3_600)
}
