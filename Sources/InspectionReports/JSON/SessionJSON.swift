public import Inspector
public import Rendering

/// Connections for programs; docs/inspect.md lists every key.
public enum SessionJSON {
    public static func value(of session: SessionReport) -> JSONValue {
        .object([
            "capture": .integer(session.capture),
            "interface": .integer(session.interface),
            "client": .string("\(session.client)"),
            "server": .string("\(session.server)"),
            "opening": .string(session.opening.rawValue),
            "ending": .string(session.ending.rawValue),
            "first": .time(session.firstNanoseconds),
            "last": .time(session.lastNanoseconds),
            "content": .string(session.content.rawValue),
            "complaint": .optional(session.complaint),
            "fromClient": value(of: session.fromClient),
            "fromServer": value(of: session.fromServer),
        ])
    }

    private static func value(of side: SessionSide) -> JSONValue {
        let tcp = side.tcp
        return .object([
            "segments": .integer(tcp.segmentCount),
            "bytes": .integer(tcp.byteCount),
            "retransmissions": .integer(tcp.retransmissionCount),
            "repairs": .integer(tcp.repairCount),
            "reordered": .integer(tcp.reorderedCount),
            "doubled": .integer(tcp.doubledCount),
            "keepAlives": .integer(tcp.keepAliveCount),
            "gaps": .integer(tcp.gapCount),
            "missingBytes": .integer(tcp.missingByteCount),
            "cutBytes": .integer(tcp.cutByteCount),
            "zeroWindows": .integer(tcp.zeroWindowCount),
            "zeroWindowMs": .milliseconds(tcp.zeroWindowNanoseconds),
            "longestStallMs": .milliseconds(tcp.stallNanosecondsMax),
            "zmtp": side.zmtp.map { value(of: $0) } ?? .null,
        ])
    }

    private static func value(of zmtp: ZMTPReport) -> JSONValue {
        .object([
            "version": .string(zmtp.version),
            "mechanism": .optional(zmtp.mechanism),
            "asServer": .bool(zmtp.isMechanismServer),
            "encrypted": .bool(zmtp.isEncrypted),
            "ready": .bool(zmtp.isReady),
            "handshake": .array(zmtp.handshake.map { .string($0) }),
            "socketType": .optional(zmtp.socketType),
            "identity": .optional(zmtp.identity),
            "properties": .array(
                zmtp.properties.map {
                    .object(["name": .string($0.name), "value": .string($0.value)])
                }
            ),
            "messages": .integer(zmtp.messageCount),
            "frames": .integer(zmtp.frameCount),
            "multipart": .integer(zmtp.multipartCount),
            "bytes": .integer(zmtp.byteCount),
            "smallest": .integer(zmtp.byteCountMin),
            "largest": .integer(zmtp.byteCountMax),
            "broken": .integer(zmtp.brokenCount),
            "encryptedFrames": .integer(zmtp.encryptedFrameCount),
            "encryptedBytes": .integer(zmtp.encryptedByteCount),
            "firstMessage": .time(zmtp.firstMessageNanoseconds),
            "lastMessage": .time(zmtp.lastMessageNanoseconds),
            "topics": .array(
                zmtp.topics.map {
                    .object(["topic": .string($0.text), "count": .integer($0.count)])
                }
            ),
            "moreTopics": .bool(zmtp.hasMoreTopics),
            "subscriptions": .array(
                zmtp.subscriptions.map {
                    .object([
                        "topic": .string($0.topic),
                        "subscribed": .integer($0.subscribeCount),
                        "cancelled": .integer($0.cancelCount),
                    ])
                }
            ),
            "subscriptionsLeftOut": .integer(zmtp.leftOutSubscriptionCount),
            "subscriptionCommands": .bool(zmtp.usesSubscriptionCommands),
            "pings": .integer(zmtp.pingCount),
            "pongs": .integer(zmtp.pongCount),
            "heartbeat": ReportJSON.value(of: zmtp.heartbeat),
            "errors": .array(zmtp.errors.map { .string($0) }),
            "errorCount": .integer(zmtp.errorCount),
            "unknownCommands": .integer(zmtp.unknownCommandCount),
            "resynchronisations": .integer(zmtp.resynchronisationCount),
            "skippedBytes": .integer(zmtp.skippedByteCount),
            "certaintyBits": zmtp.certaintyBits.map { .integer($0) } ?? .null,
        ])
    }

    public static func value(of radio: RadioReport) -> JSONValue {
        .object([
            "capture": .integer(radio.capture),
            "interface": .integer(radio.interface),
            "source": .string("\(radio.source)"),
            "destination": .string("\(radio.destination)"),
            "first": .time(radio.firstNanoseconds),
            "last": .time(radio.lastNanoseconds),
            "messages": .integer(radio.messageCount),
            "bytes": .integer(radio.byteCount),
            "groups": .array(
                radio.groups.map {
                    .object([
                        "group": .string($0.name), "messages": .integer($0.messageCount),
                    ])
                }
            ),
            "moreGroups": .bool(radio.hasMoreGroups),
        ])
    }
}
