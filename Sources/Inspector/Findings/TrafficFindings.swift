import Rendering

/// How data flows, and what is in it.
struct TrafficFindings {
    let stream: StreamReport
    let relations: StreamRelations

    var findings: [StreamFinding] {
        [burst, fatalPackets, framing].compactMap(\.self)
    }

    private var burst: StreamFinding? {
        let rate = stream.rate
        guard let worst = rate.bursts.first, rate.busyMillisecondCount >= 2,
            worst.byteCount >= Self.burstByteCountMin,
            rate.peakBitsPerSecond >= 10 * rate.bitsPerSecond
        else { return nil }
        let hasLosses =
            stream.repairSummary.repairedCount + stream.repairSummary.unrepairedCount > 0
            || stream.sequence.gapCount > 0
        return StreamFinding(
            hasLosses ? .warning : .note,
            "micro-burst",
            stream,
            "In its busiest millisecond the source sent \(Figures.count(worst.packetCount, "packet")), "
                + "\(Figures.bitRate(rate.peakBitsPerSecond)), "
                + "\(Figures.count(Int(rate.peakBitsPerSecond / max(rate.bitsPerSecond, 1)))) times its average of "
                + "\(Figures.bitRate(rate.bitsPerSecond)). "
                + (hasLosses
                    ? "Packets were lost too: such bursts overflow buffers of switches and receivers. Lower "
                        + "ZMQ_RATE, or enlarge the receivers' ZMQ_RCVBUF."
                    : "Buffers of switches and receivers must hold it; nothing shows that they did not."),
            first: worst.nanoseconds,
            count: worst.packetCount
        )
    }

    private var fatalPackets: StreamFinding? {
        let messages = stream.messages
        guard messages.fatal.count > 0, messages.count > 0 || isAmongMessages else { return nil }
        return StreamFinding(
            .problem,
            "fatal-packets",
            stream,
            "\(Figures.count(messages.fatal.count, "packet")) would end every libzmq subscriber by an "
                + "assertion: a payload below 2 octets, or an offset beyond its end. Find who sends them, and "
                + "close the port to strangers.",
            messages.fatal
        )
    }

    private var framing: StreamFinding? {
        let messages = stream.messages
        guard stream.packets.odata - stream.details.parityDataCount > 0 else { return nil }
        if messages.count == 0, messages.foreign.count > 0 || !isAmongMessages,
            messages.foreign.count + messages.fatal.count > 0
        {
            return StreamFinding(
                .note,
                "framing-foreign",
                stream,
                "The data is not framed as libzmq does it, so no messages can be read: another application, or "
                    + "sealed payloads. A libzmq subscriber on this port would end by an assertion.",
                count: messages.foreign.count + messages.fatal.count
            )
        }
        guard messages.foreign.count > 0 else { return nil }
        return StreamFinding(
            .warning,
            "framing-broken",
            stream,
            "In \(Figures.count(messages.foreign.count, "packet")) the messages did not begin where the packet "
                + "says, so reading had to start anew: two publishers under one session, or damaged data.",
            messages.foreign
        )
    }

    /// Another stream to the same group and port carries libzmq's messages, so its subscribers get these packets, too.
    private var isAmongMessages: Bool {
        relations.streams.contains { other in
            other.group == stream.group && other.destinationPort == stream.destinationPort
                && other.messages.count > 0
        }
    }

    /// 100 Mbit/s for a millisecond.
    private static let burstByteCountMin = 12_500
}
