public import Inspector
public import Rendering

/// A verdict for programs; docs/inspect.md lists every key.
public enum VerdictJSON {
    public static func value(of verdict: Verdict) -> JSONValue {
        .object([
            "outcome": .string(verdict.outcome.rawValue),
            "plan": .optional(verdict.plan),
            "messages": .integer(verdict.messageCount),
            "lateMs": .milliseconds(verdict.lateNanoseconds),
            "reasons": .array(
                verdict.reasons.map {
                    .object([
                        "effect": .string($0.effect.rawValue),
                        "code": .string($0.code),
                        "text": .string($0.text),
                        "count": .integer($0.count),
                    ])
                }
            ),
            "receivers": .array(verdict.receivers.map { value(of: $0) }),
            "hops": .array(verdict.hops.map { value(of: $0) }),
        ])
    }

    private static func value(of receiver: Verdict.Receiver) -> JSONValue {
        .object([
            "name": .string(receiver.name),
            "tree": .optional(receiver.tree),
            "parent": .optional(receiver.parent),
            "level": .integer(receiver.level),
            "hasTap": .bool(receiver.hasTap),
            "isObserved": .bool(receiver.isObserved),
            "expected": .integer(receiver.expectedCount),
            "delivered": .integer(receiver.deliveredCount),
            "lost": .integer(receiver.lostCount),
            "undecided": .integer(receiver.undecidedCount),
            "interestUnknown": .integer(receiver.interestUnknownCount),
            "pending": .integer(receiver.pendingCount),
            "unseenWay": .integer(receiver.unseenWayCount),
            "repaired": .integer(receiver.repairedCount),
            "duplicated": .integer(receiver.duplicatedCount),
            "late": .integer(receiver.lateCount),
            "reordered": .integer(receiver.reorderedCount),
            "unwanted": .integer(receiver.unwantedCount),
            "beforeJoin": .integer(receiver.beforeJoinCount),
            "inFlight": .integer(receiver.inFlightCount),
            "latency": ReportJSON.value(of: receiver.latency),
            "clock": receiver.clock.map { value(of: $0) } ?? .null,
            "losses": .array(
                receiver.losses.map {
                    .object([
                        "first": .integer($0.first),
                        "last": .integer($0.last),
                        "time": .time($0.nanoseconds),
                        "topic": .string($0.topic),
                        "hop": .string($0.hop),
                    ])
                }
            ),
            "lossesLeftOut": .integer(receiver.leftOutLossCount),
        ])
    }

    private static func value(of clock: ClockEstimate) -> JSONValue {
        .object([
            "offsetMs": .milliseconds(clock.offsetNanoseconds),
            "uncertaintyMs": .milliseconds(clock.uncertaintyNanoseconds),
            "method": .string(clock.method.rawValue),
            "samples": .integer(clock.sampleCount),
        ])
    }

    private static func value(of hop: Verdict.Hop) -> JSONValue {
        .object([
            "from": .string(hop.from),
            "to": .string(hop.to),
            "tree": .optional(hop.tree),
            "transport": .optional(hop.transport),
            "offered": .integer(hop.offeredCount),
            "carried": .integer(hop.carriedCount),
            "lost": .integer(hop.lostCount),
            "neverSent": .integer(hop.neverSentCount),
            "lostOnTheWay": .integer(hop.lostOnTheWayCount),
            "latency": ReportJSON.value(of: hop.latency),
        ])
    }
}
