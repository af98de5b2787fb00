import Inspector
import PGM
import Rendering

/// The keys of a stream.
extension ReportJSON {
    static func value(of stream: StreamReport, _ names: ReportNames) -> JSONValue {
        .object(
            identity(of: stream, names) + counts(of: stream) + condition(of: stream)
                + repairs(of: stream)
        )
    }

    private typealias Members = [(key: String, value: JSONValue)]

    private static func identity(of stream: StreamReport, _ names: ReportNames) -> Members {
        [
            ("transport", .string(stream.transport.rawValue)),
            ("source", .string("\(stream.source)")),
            ("group", .string("\(stream.group)")),
            ("gsi", .string(stream.session.globalSourceIDText)),
            ("sourcePort", .integer(Int(stream.session.sourcePort))),
            ("destinationPort", .integer(Int(stream.destinationPort))),
            ("name", .string(names.name(stream))),
            ("capture", .integer(stream.capture)),
            ("interface", .integer(stream.interface)),
            ("first", .time(stream.firstNanoseconds)),
            ("last", .time(stream.lastNanoseconds)),
        ]
    }

    private static func counts(of stream: StreamReport) -> Members {
        let packets = stream.packets
        let details = stream.details
        let hasTimeToLive = details.timeToLiveMin <= details.timeToLiveMax
        return [
            (
                "packets",
                .object([
                    "spm": .integer(packets.spm), "odata": .integer(packets.odata),
                    "rdata": .integer(packets.rdata), "nak": .integer(packets.nak),
                    "ncf": .integer(packets.ncf), "nnak": .integer(packets.nnak),
                    "spmr": .integer(packets.spmr), "poll": .integer(packets.poll),
                    "polr": .integer(packets.polr), "ack": .integer(packets.ack),
                ])
            ),
            (
                "details",
                .object([
                    "nakWithList": .integer(details.nakListCount),
                    "ncfWithList": .integer(details.ncfListCount),
                    "spmWithFin": .integer(details.finCount),
                    "parityData": .integer(details.parityDataCount),
                    "parityNak": .integer(details.parityNakCount),
                    "duplicates": .integer(details.duplicates.count),
                    "doubled": .integer(details.doubledCount),
                    "reordered": .integer(details.reordered.count),
                    "reorderDistanceMax": .integer(details.reorderDistanceMax),
                    "strays": .integer(details.strays.count),
                    "checksumErrors": .integer(details.checksumErrors.count),
                    "checksumAbsent": .integer(details.checksumAbsent.count),
                    "checksumUnknown": .integer(details.checksumUnknownCount),
                    "ttlMin": hasTimeToLive ? .integer(Int(details.timeToLiveMin)) : .null,
                    "ttlMax": hasTimeToLive ? .integer(Int(details.timeToLiveMax)) : .null,
                    "dataBytes": .integer(details.dataByteCount),
                    "repairBytes": .integer(details.repairByteCount),
                ])
            ),
            (
                "sequence",
                .object([
                    "first": .optional(stream.sequence.first.map { Int($0.rawValue) }),
                    "last": .optional(stream.sequence.last.map { Int($0.rawValue) }),
                    "span": .integer(stream.sequence.span),
                    "missing": .integer(stream.sequence.missingCount),
                    "open": .integer(stream.sequence.openCount),
                    "repairedHere": .integer(stream.sequence.repairedAtTapCount),
                    "gaps": .integer(stream.sequence.gapCount),
                    "resets": .integer(stream.sequence.resets.count),
                ])
            ),
        ]
    }

    private static func condition(of stream: StreamReport) -> Members {
        let heard = stream.announcements
        return [
            (
                "window",
                .object([
                    "trail": .optional(stream.window.trail.map { Int($0.rawValue) }),
                    "lead": .optional(stream.window.lead.map { Int($0.rawValue) }),
                    "packets": .optional(stream.window.packetCount),
                    "holdMinMs": .milliseconds(stream.window.holdNanosecondsMin),
                    "holdMeanMs": .milliseconds(stream.window.holdNanosecondsMean),
                ])
            ),
            (
                "announcements",
                .object([
                    "finished": .bool(heard.hasFinished),
                    "silenceMaxMs": .milliseconds(heard.silenceNanosecondsMax),
                    "silenceAfterDataMaxMs": .milliseconds(heard.silenceAfterDataNanosecondsMax),
                    "silenceAtEndMs": .milliseconds(heard.finalSilenceNanoseconds),
                    "nakAddress": .optional(heard.otherPathAddress.map { "\($0)" }),
                    "repairers": .array(stream.repairers.map { .string("\($0)") }),
                ])
            ),
            ("messages", messages(of: stream.messages)),
            ("rate", rate(of: stream.rate)),
            ("intervals", value(of: stream.interval, withBuckets: true)),
            ("timeline", timeline(of: stream.timeline)),
        ]
    }

    private static func messages(of messages: StreamReport.MessageReport) -> JSONValue {
        .object([
            "count": .integer(messages.count),
            "frames": .integer(messages.frameCount),
            "bytes": .integer(messages.byteCount),
            "bytesMin": .integer(messages.byteCountMin),
            "bytesMax": .integer(messages.byteCountMax),
            "multipart": .integer(messages.multipartCount),
            "broken": .integer(messages.brokenCount),
            "foreignPackets": .integer(messages.foreign.count),
            "fatalPackets": .integer(messages.fatal.count),
            "topics": .array(
                messages.topics.map {
                    .object(["topic": .string($0.text), "count": .integer($0.count)])
                }
            ),
            "topicsLeftOut": .bool(messages.hasMoreTopics),
        ])
    }

    private static func rate(of rate: StreamReport.RateReport) -> JSONValue {
        .object([
            "packets": .integer(rate.packetCount),
            "bytes": .integer(rate.byteCount),
            "durationMs": .milliseconds(rate.nanoseconds),
            "packetsPerSecond": .decimal(rate.packetsPerSecond),
            "bitsPerSecond": .decimal(rate.bitsPerSecond),
            "peakBitsPerSecond": .decimal(rate.peakBitsPerSecond),
            "busyMilliseconds": .integer(rate.busyMillisecondCount),
            "millisecondBytesMedian": .integer(rate.medianByteCount),
            "millisecondBytesP99": .integer(rate.ninetyNinthByteCount),
            "bursts": .array(
                rate.bursts.map {
                    .object([
                        "time": .time($0.nanoseconds), "packets": .integer($0.packetCount),
                        "bytes": .integer($0.byteCount),
                    ])
                }
            ),
        ])
    }

    private static func timeline(of timeline: Timeline) -> JSONValue {
        .object([
            "begin": timeline.bins.isEmpty ? .null : .time(timeline.begin),
            "binMs": .milliseconds(timeline.binNanoseconds),
            "columns": .array(
                ["odata", "rdata", "nak", "ncf", "missing", "bytes"].map { .string($0) }
            ),
            "bins": .array(
                timeline.bins.map { bin in
                    .array([
                        .integer(Int(bin.odata)), .integer(Int(bin.rdata)), .integer(Int(bin.nak)),
                        .integer(Int(bin.ncf)), .integer(Int(bin.missing)),
                        .integer(Int(clamping: bin.byteCount)),
                    ])
                }
            ),
        ])
    }

    private static func repairs(of stream: StreamReport) -> Members {
        let summary = stream.repairSummary
        return [
            (
                "repairSummary",
                .object([
                    "repaired": .integer(summary.repairedCount),
                    "unrepaired": .integer(summary.unrepairedCount),
                    "open": .integer(summary.openCount),
                    "tooLate": .integer(summary.tooLateCount),
                    "unconfirmed": .integer(summary.unconfirmedCount),
                    "unconfirmedRepaired": .integer(summary.unconfirmedRepairedCount),
                    "unasked": .integer(summary.unaskedCount),
                    "repeated": .integer(summary.repeatedCount),
                    "lostRepairs": .integer(summary.lostRepairs.count),
                    "shared": .integer(summary.sharedCount),
                    "nakBurstMax": .integer(summary.nakBurstCount),
                    "nakToNcf": value(of: summary.nakToNCF, withBuckets: true),
                    "nakToRdata": value(of: summary.nakToRDATA, withBuckets: true),
                    "ncfToRdata": value(of: summary.ncfToRDATA, withBuckets: true),
                ])
            ),
            ("repairs", .array(stream.repairs.map { value(of: $0) })),
            ("repairsLeftOut", .integer(stream.leftOutRepairCount)),
            ("losses", .array(stream.losses.map { value(of: $0) })),
            ("lossesLeftOut", .integer(stream.leftOutLossCount)),
            ("receivers", .array(stream.receivers.map { value(of: $0) })),
            ("receiversLeftOutPackets", .integer(stream.leftOutReceiverCount)),
        ]
    }

    private static func value(of repair: StreamReport.Repair) -> JSONValue {
        .object([
            "sequence": .integer(Int(repair.sequence.rawValue)),
            "receivers": .array(repair.receivers.map { .string("\($0)") }),
            "nak": .time(repair.nakNanoseconds),
            "ncf": .time(repair.ncfNanoseconds),
            "rdata": .time(repair.rdataNanoseconds),
            "latencyMs": .milliseconds(repair.nakNanoseconds.map { repair.rdataNanoseconds &- $0 }),
            "naks": .integer(repair.nakCount),
            "missingHere": .bool(repair.isMissingAtTap),
        ])
    }

    private static func value(of loss: StreamReport.Loss) -> JSONValue {
        .object([
            "kind": .string(loss.kind.rawValue),
            "first": .integer(Int(loss.first.rawValue)),
            "last": .integer(Int(loss.last.rawValue)),
            "count": .integer(loss.count),
            "time": .time(loss.nanoseconds),
            "receivers": .array(loss.receivers.map { .string("\($0)") }),
            "confirmed": .bool(loss.isConfirmed),
            "missingHere": .bool(loss.isMissingAtTap),
        ])
    }

    private static func value(of receiver: StreamReport.Receiver) -> JSONValue {
        var known: [JSONValue] = []
        if receiver.hasAsked { known.append(.string("nak")) }
        if receiver.hasRequestedSPM { known.append(.string("spmr")) }
        if receiver.isMember { known.append(.string("membership")) }
        return .object([
            "address": .string("\(receiver.address)"),
            "knownBy": .array(known),
            "naks": .integer(receiver.nakCount),
            "numbersAsked": .integer(receiver.nakNumberCount),
            "lost": .integer(receiver.lostCount),
            "repaired": .integer(receiver.repairedCount),
            "unrepaired": .integer(receiver.unrepairedCount),
            "open": .integer(receiver.openCount),
            "lostRepairs": .integer(receiver.lostRepairCount),
            "spmrs": .integer(receiver.spmrCount),
            "first": .time(receiver.firstNanoseconds),
            "last": .time(receiver.lastNanoseconds),
            "joined": .time(receiver.joinedNanoseconds),
            "left": .time(receiver.leftNanoseconds),
            "joinToDataMs": .milliseconds(receiver.joinToDataNanoseconds),
            "repairLatency": value(of: receiver.repairLatency),
        ])
    }
}
