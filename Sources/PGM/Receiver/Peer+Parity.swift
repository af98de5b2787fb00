/// Parity packets, and payloads that are computed from them (RFC 3208 §11.5).
extension Peer {
    /// A packet of parity: kept when its group can use it.
    mutating func handleParity(
        _ packet: PacketView,
        _ fields: DataFields,
        _ context: inout ReceiverContext,
        at now: Int64
    ) -> Reception {
        context.counters.parityPackets += 1
        guard let groupSize = parity?.groupSize,
            let (first, index) = parity?.place(of: packet, fields.sequence),
            (first + (groupSize - 1)).distance(from: window.next) >= 0
        else { return refuseParity(&context) }
        // A group has parity only when all its packets were sent.
        handleLead(first + (groupSize - 1), &context, at: now)
        let isOfUse = parity?.insert(
            index,
            of: first,
            hasLengths: packet.flags.contains(.variableLength),
            in: window
        )
        guard isOfUse == true else { return refuseParity(&context) }
        completeGroup(of: first, &context)
        return .holdParity(id, group: first, index: index)
    }

    private func refuseParity(_ context: inout ReceiverContext) -> Reception {
        context.counters.parityUnusable += 1
        return .done
    }

    /// Asks for the missing payloads when enough parity is there.
    mutating func completeGroup(of number: SequenceNumber, _ context: inout ReceiverContext) {
        guard let work = parity?.completion(of: number, in: window) else { return }
        context.directives.append(.reconstruct(id, work))
    }

    mutating func handleReconstructed(
        _ reconstruction: Reconstruction,
        succeeded: Bool,
        _ context: inout ReceiverContext
    ) {
        guard parity?.end(reconstruction) == true, succeeded else { return }
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
            windowPacketCount: context.windowPacketCount,
            from: window.next,
            trail: trail
        )
    }
}
