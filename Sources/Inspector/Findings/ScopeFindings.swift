import Dissection

/// How far packets may travel: TTL and the group's address.
struct ScopeFindings {
    let stream: StreamReport
    let relations: StreamRelations
    let names: ReportNames

    var findings: [StreamFinding] {
        let details = stream.details
        guard details.timeToLiveMin <= details.timeToLiveMax else { return [] }
        guard stream.group.isMulticast else { return [timeToLive, unicast].compactMap(\.self) }
        return [timeToLive, range, crossing].compactMap(\.self)
    }

    private var timeToLive: StreamFinding? {
        let details = stream.details
        if details.timeToLiveMin != details.timeToLiveMax {
            return StreamFinding(
                .warning,
                "ttl-differs",
                stream,
                "Packets of the source arrive with TTL \(details.timeToLiveMin) to \(details.timeToLiveMax): "
                    + "they come by different ways, or circle. Look for a loop or a routing change."
            )
        }
        guard details.timeToLiveMax == 1, hasDistantReceiver else { return nil }
        return StreamFinding(
            .problem,
            "ttl-too-small",
            stream,
            "TTL is 1 here, so no router forwards the stream, but there are members or receivers in "
                + "another network than the source's. Raise ZMQ_MULTICAST_HOPS at the publisher."
        )
    }

    /// A receiver that is surely not on the source's link; /24 and /64 are guesses, so only clear cases count.
    private var hasDistantReceiver: Bool {
        stream.receivers.contains { receiver in
            receiver.address.family == stream.source.family
                && receiver.address.family == .v4
                // Nobody's: reports are sent from it before there is an address (RFC 3376 4.2.13).
                && receiver.address.low != 0
                && receiver.address.low >> 16 != stream.source.low >> 16
        }
    }

    private var unicast: StreamFinding {
        StreamFinding(
            .note,
            "not-multicast",
            stream,
            "The stream goes to \(stream.group), which is no multicast group: one receiver only."
        )
    }

    /// What the range of the group's address means for the way of its packets.
    private var range: StreamFinding? {
        let details = stream.details
        switch stream.group.multicastScope {
        case .link where details.timeToLiveMax > 1:
            return StreamFinding(
                .warning,
                "scope-link-local",
                stream,
                "The group is link-local: no router ever forwards it, and switches flood it to all ports, but "
                    + "the source sends it with TTL \(details.timeToLiveMax). Use a group of 239.192.0.0/14 (or "
                    + "ff08::/16) if it should leave the segment."
            )
        case .sourceSpecific:
            return StreamFinding(
                .warning,
                "scope-source-specific",
                stream,
                "The group is in the range for source-specific multicast (232.0.0.0/8, ff3x::/32): routers do "
                    + "not serve receivers that join without naming the source, and libzmq's do. Use 239.192.0.0/14."
            )
        case .global where details.timeToLiveMax > 1:
            return StreamFinding(
                .note,
                "scope-global",
                stream,
                "The group is not in an administratively scoped range and TTL is \(details.timeToLiveMax): "
                    + "nothing keeps it within the site. Use 239.192.0.0/14 (RFC 2365) or ff08::/16 for traffic "
                    + "that should stay."
            )
        case .interface, .link, .local, .organisation, .global:
            return nil
        }
    }

    /// One stream at two taps with different TTL has passed a router.
    private var crossing: StreamFinding? {
        let scope = stream.group.multicastScope
        guard scope == .link || scope == .local || scope == .interface else { return nil }
        let arrived = relations.others(of: stream).filter {
            $0.details.timeToLiveMin <= $0.details.timeToLiveMax
                && $0.details.timeToLiveMax > stream.details.timeToLiveMax
        }
        guard let origin = arrived.first else { return nil }
        return StreamFinding(
            .problem,
            "scope-crossed",
            stream,
            "The group must not leave its \(scope == .local ? "site's local scope" : "link"), but a router "
                + "forwarded it from \(names.tap(origin.capture, origin.interface)) to here (TTL "
                + "\(origin.details.timeToLiveMax) there, \(stream.details.timeToLiveMax) here). Configure the "
                + "scope's border on that router."
        )
    }
}

extension IPAddress {
    enum MulticastScope {
        case interface, link, local, organisation, sourceSpecific, global
    }

    /// RFC 5771 and RFC 2365 for IPv4, RFC 4291 §2.7 for IPv6.
    var multicastScope: MulticastScope {
        switch family {
        case .v4:
            switch low >> 24 {
            case 224 where low >> 8 & 0xFFFF == 0: .link
            case 232: .sourceSpecific
            case 239:
                switch low >> 16 & 0xFF {
                case 255: .local
                case 192...195: .organisation
                default: .organisation
                }
            default: .global
            }
        case .v6:
            // ff3x:: with prefix length 0 is source-specific (RFC 4607 §1).
            if high >> 52 & 0xF == 3, high >> 32 & 0xFFFF == 0 {
                .sourceSpecific
            } else {
                switch high >> 48 & 0xF {
                case 1: .interface
                case 2: .link
                case 3, 4, 5: .local
                case 8: .organisation
                default: .global
                }
            }
        }
    }
}
