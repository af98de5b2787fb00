import Rendering
import Vocabulary
import Topology

/// Decides between multicast and TCP for a segment in a tree.
///
/// With n receivers, TCP puts n copies of each message on the segment, and the head pays for n connections. Multicast
/// puts one, and costs something whatever n is: 44 octets of PGM, UDP and IP headers and a checksum per packet, a window
/// of what was sent, heartbeats, and repairs: at a loss of p per receiver n·p more packets. One receiver gains nothing.
/// With two half of the copies are saved, which does not pay for losing TCP's flow control. From three on at
/// least two thirds are saved. docs/decisions/0007 has the figures.
///
/// A tree whose overflow policy is `block` stays on TCP: a multicast source cannot wait for a slow receiver.
enum IslandRule {
    /// From so many receivers on a segment is served by multicast.
    static let receiverCountMin = 3

    struct Decision: Equatable {
        var isMulticast: Bool
        /// A clause that ends no sentence.
        var reason: String
    }

    /// `relayCount` are the members that would take their feed from the group.
    static func decision(
        use: Topology.MulticastUse,
        relayCount: Int,
        subscriberCount: Int,
        overflow: OverflowPolicy?
    ) -> Decision {
        let receiverCount = relayCount + subscriberCount
        let receivers = text(relayCount: relayCount, subscriberCount: subscriberCount)
        switch use {
        case .never: return Decision(isMulticast: false, reason: "multicast is never wanted here")
        case .always:
            guard receiverCount > 0 else {
                return Decision(isMulticast: false, reason: "nobody would listen to the group")
            }
            return Decision(
                isMulticast: true,
                reason: "\(receivers), and multicast is always wanted"
            )
        case .auto:
            if overflow == .block {
                return Decision(
                    isMulticast: false,
                    reason: "overflow is block, and a multicast source waits for nobody"
                )
            }
            guard receiverCount >= receiverCountMin else {
                return Decision(
                    isMulticast: false,
                    reason: "\(receivers); multicast pays from \(receiverCountMin) on"
                )
            }
            return Decision(
                isMulticast: true,
                reason: "\(receivers): one transmission in place of \(receiverCount)"
            )
        }
    }

    /// `5 receivers (3 relays, 2 subscribers)`.
    private static func text(relayCount: Int, subscriberCount: Int) -> String {
        let total = Figures.count(relayCount + subscriberCount, "receiver")
        guard subscriberCount > 0 else { return total }
        return
            "\(total) (\(Figures.count(relayCount, "relay")), \(Figures.count(subscriberCount, "subscriber")))"
    }
}
