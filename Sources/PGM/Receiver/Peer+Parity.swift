/// Parity packets, and payloads that are computed from them (RFC 3208 §11.5).
extension Peer {
    /// The group that the packet is about, and which parity packet of it.
    mutating func handleParity(
        _ packet: PacketView,
        _ fields: DataFields,
        _ context: inout ReceiverContext,
        at now: Int64
    ) -> Reception {
        context.counters.parityPackets += 1
        guard let size = parity?.groupSize, let first = parity?.first(of: fields.sequence) else {
            context.counters.parityUnusable += 1
            return .done
        }
        var index = fields.sequence.distance(from: first)
        if packet.hasOptions, let option = packet.options.first(ofType: OptionType.parityGroup),
            case .parityGroup(let number) = option.content
        {
            index += Int(min(number, 255)) * size
        }
        let last = first + (size - 1)
        guard index + size < 256, last.distance(from: window.next) >= 0, isUsable(first) else {
            context.counters.parityUnusable += 1
            return .done
        }
        // A group has parity only when all its packets were sent.
        handleLead(last, &context, at: now)
        guard window.contains(last), var group = parity?[first], !group.isReconstructing,
            missing(ofGroup: first).count > group.count, group.insert(index)
        else {
            context.counters.parityUnusable += 1
            return .done
        }
        group.hasLengths = packet.flags.contains(.variableLength)
        parity?[first] = group
        completeGroup(of: first, &context)
        return .holdParity(id, group: first, index: index)
    }

    /// Whether all of the group's packets were received or are still expected.
    func isUsable(_ first: SequenceNumber) -> Bool { first.distance(from: parityUsableFrom) >= 0 }

    /// The numbers of a group that have not come.
    func missing(ofGroup first: SequenceNumber) -> [SequenceNumber] {
        guard let size = parity?.groupSize else { return [] }
        return (0..<size).map { first + $0 }.filter {
            window.contains($0) && window.phase(of: $0) != .held
        }
    }

    /// Asks for the missing payloads when enough parity is there.
    mutating func completeGroup(of number: SequenceNumber, _ context: inout ReceiverContext) {
        guard let first = parity?.first(of: number), let size = parity?.groupSize,
            var group = parity?[first], group.count > 0, !group.isReconstructing,
            isUsable(first), window.contains(first + (size - 1))
        else { return }
        let missing = missing(ofGroup: first)
        guard !missing.isEmpty, missing.count <= group.count else { return }
        group.isReconstructing = true
        parity?[first] = group
        context.directives.append(
            .reconstruct(
                id,
                Reconstruction(
                    group: first,
                    groupSize: size,
                    missing: missing,
                    parity: Array((0..<256).filter { group.contains($0) }.prefix(missing.count)),
                    hasLengths: group.hasLengths
                )
            )
        )
    }

    mutating func handleReconstructed(
        _ reconstruction: Reconstruction,
        succeeded: Bool,
        _ context: inout ReceiverContext
    ) {
        guard parity?.groupSize == reconstruction.groupSize,
            parity?[reconstruction.group].isReconstructing == true
        else { return }
        parity?[reconstruction.group] = ParityGroups.Group(
            first: reconstruction.group,
            isKnown: true
        )
        guard succeeded else { return }
        for number in reconstruction.missing where window.contains(number) {
            window.hold(number)
            context.counters.recoveredPackets += 1
            context.counters.reconstructedPackets += 1
        }
        advance(&context)
    }

    mutating func handleParityParameters(
        _ groupSize: UInt32,
        isOnDemand: Bool,
        _ context: ReceiverContext
    ) {
        guard context.options.usesParity, parity == nil else { return }
        parity = ParityGroups(
            groupSize: groupSize,
            isOnDemand: isOnDemand,
            windowPacketCount: context.windowPacketCount
        )
        // What was delivered before was not kept.
        if parity != nil { parityUsableFrom = window.next }
    }
}
