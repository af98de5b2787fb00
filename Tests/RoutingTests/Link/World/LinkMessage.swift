import Wire

/// A message of the simulated links: a topic, who published it, and its number there.
struct LinkMessage: Hashable, Comparable, CustomStringConvertible {
    var publisher: Int
    var sequence: Int
    var topic: [UInt8]

    static func < (left: LinkMessage, right: LinkMessage) -> Bool {
        (left.publisher, left.sequence) < (right.publisher, right.sequence)
    }

    var description: String {
        "\(publisher):\(sequence)" + String(decoding: topic, as: UTF8.self)
    }

    /// As two frames of ZMTP.
    var frames: [UInt8] {
        var octets: [UInt8] = [FrameHeader.more, UInt8(topic.count)] + topic + [0, 8]
        BigEndian.append(UInt32(publisher), to: &octets)
        BigEndian.append(UInt32(sequence), to: &octets)
        return octets
    }

    /// The messages of whole frames.
    static func messages(of frames: ArraySlice<UInt8>) -> [LinkMessage] {
        Array(frames).withUnsafeBytes { bytes in
            var messages: [LinkMessage] = []
            var walker = MessageWalker(bytes)
            while walker.next() {
                messages.append(
                    LinkMessage(
                        publisher: Int(BigEndian.loadUInt32(bytes, at: walker.end - 8)),
                        sequence: Int(BigEndian.loadUInt32(bytes, at: walker.end - 4)),
                        topic: Array(bytes[walker.topic])
                    )
                )
            }
            return messages
        }
    }
}

/// What goes over a simulated connection: who dials, and then commands as octets.
enum LinkPacket: Sendable {
    case feed(node: Int)
    case uplink(node: Int)
    case command(name: String, body: [UInt8])
}

/// What rings at a node.
enum LinkAlarm: Sendable {
    case deadline
    case writable(UInt64)
    /// The other end of a connection has been silent for too long.
    case silent(Int)
    case accident(Accident)
    case publish([[UInt8]])
    case wake
    case toArbiter(ArbiterMail)
    case fromArbiter(ArbiterNews)
    case retry(Accident)
}
