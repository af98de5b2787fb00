public import PGM

/// A source that a receiver follows.
public struct MulticastPeer: Hashable, Sendable, CustomStringConvertible {
    public var sessionID: TransportSessionID
    /// Where its packets come from.
    public var address: String
    /// Where they go, with the port.
    public var group: String

    public var description: String { "\(sessionID) at \(address)" }
}

/// Packets that will never come: nobody could repair them in time. Messages that were in them, or partly in them, are
/// missing from the stream at the place where the loss is reported.
public struct MulticastLoss: Hashable, Sendable, CustomStringConvertible {
    public enum Cause: Hashable, Sendable {
        /// The source cannot repair them any more, or did not answer often enough.
        case notRepaired
        /// They arrived, but are not in libzmq's framing.
        case malformed(FramingViolation)
    }

    public var source: MulticastPeer
    public var firstSequence: SequenceNumber
    public var packetCount: Int
    public var cause: Cause

    public var description: String {
        let range = SequenceRange(first: firstSequence, count: packetCount)
        let what = packetCount == 1 ? "packet \(range)" : "\(packetCount) packets, \(range),"
        switch cause {
        case .notRepaired: return "lost \(what) of \(source): not repaired in time"
        case .malformed(let violation): return "lost \(what) of \(source): \(violation)"
        }
    }
}

/// What happens at a multicast endpoint.
public enum MulticastEvent: Hashable, Sendable, CustomStringConvertible {
    /// The endpoint is open, with the interface and packet size that were chosen.
    case opened(interface: String, group: String, packetByteCountMax: Int)
    /// The kernel grants less buffer than was asked for: losses are likelier.
    case smallBuffer(asked: Int, granted: Int)
    case sourceAppeared(MulticastPeer)
    /// It has ended, and everything it sent was delivered or reported as lost.
    case sourceFinished(MulticastPeer)
    case sourceReset(MulticastPeer, code: UInt8)
    /// It has been silent for too long and is no longer followed.
    case sourceExpired(MulticastPeer)
    case loss(MulticastLoss)
    /// Packets that could not be used, since the last such event.
    case refused(packetCount: Int, reason: String)
    /// Packets that the kernel did not send, since the last such event.
    case unsent(packetCount: Int, reason: String)
    /// The kernel has ended a socket of the endpoint; another one is opened as soon as that is possible. What is sent
    /// meanwhile is repaired afterwards, if receivers ask for it in time.
    case interrupted(reason: String)
    case reopened
    case closed(reason: String)

    public var description: String {
        switch self {
        case .opened(let interface, let group, let byteCount):
            "multicast \(group) through \(interface), packets of \(byteCount) octets"
        case .smallBuffer(let asked, let granted):
            "the kernel grants a receive buffer of \(granted) octets, not \(asked); "
                + "raise net.core.rmem_max"
        case .sourceAppeared(let source): "source \(source) appeared"
        case .sourceFinished(let source): "source \(source) has ended"
        case .sourceReset(let source, let code): "source \(source) broke off (code \(code))"
        case .sourceExpired(let source): "source \(source) is silent and forgotten"
        case .loss(let loss): loss.description
        case .refused(let count, let reason): "refused \(Self.packets(count)): \(reason)"
        case .unsent(let count, let reason): "could not send \(Self.packets(count)): \(reason)"
        case .interrupted(let reason): "a multicast socket has failed, trying again: \(reason)"
        case .reopened: "the multicast socket is open again"
        case .closed(let reason): "multicast ended: \(reason)"
        }
    }

    private static func packets(_ count: Int) -> String {
        "\(count) packet\(count == 1 ? "" : "s")"
    }
}
