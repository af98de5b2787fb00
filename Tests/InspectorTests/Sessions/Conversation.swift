import Dissection
import Inspector
import Wire

/// A TCP connection as a capture would have it: what each side says becomes segments, which a test may cut, swap, lose or repeat.
struct Conversation {
    struct Segment {
        var isFromClient: Bool
        var sequence: UInt32
        var acknowledgement: UInt32
        var flags: TCPSegment.Flags
        var window: UInt16 = 1000
        var payload: [UInt8] = []
        var cutByteCount = 0
        var nanoseconds: Int64 = 0
    }

    var segments: [Segment] = []
    var client = SocketAddress(address: IPAddress(v4: 0x0A00_0001), port: 40_000)
    var server = SocketAddress(address: IPAddress(v4: 0x0A00_0002), port: 5556)
    /// Of the next segment.
    var nanoseconds: Int64 = 1_000_000_000
    var stepNanoseconds: Int64 = 100_000
    private(set) var clientNext: UInt32
    private(set) var serverNext: UInt32

    init(clientStart: UInt32 = 1000, serverStart: UInt32 = 5000) {
        clientNext = clientStart
        serverNext = serverStart
    }

    mutating func open() {
        add(isFromClient: true, flags: .syn)
        clientNext &+= 1
        add(isFromClient: false, flags: [.syn, .ack])
        serverNext &+= 1
        add(isFromClient: true, flags: .ack)
    }

    mutating func say(_ bytes: [UInt8], isFromClient: Bool, segmentByteCount: Int = 1448) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let payload = Array(rest.prefix(segmentByteCount))
            rest = rest.dropFirst(payload.count)
            add(isFromClient: isFromClient, flags: [.ack, .psh], payload: payload)
            if isFromClient {
                clientNext &+= UInt32(payload.count)
            } else {
                serverNext &+= UInt32(payload.count)
            }
        }
    }

    /// The other side has it all.
    mutating func acknowledge(isFromClient: Bool, window: UInt16 = 1000) {
        add(isFromClient: isFromClient, flags: .ack)
        segments[segments.count - 1].window = window
    }

    mutating func close() {
        add(isFromClient: true, flags: [.fin, .ack])
        clientNext &+= 1
        add(isFromClient: false, flags: [.fin, .ack])
        serverNext &+= 1
        add(isFromClient: true, flags: .ack)
    }

    mutating func add(isFromClient: Bool, flags: TCPSegment.Flags, payload: [UInt8] = []) {
        segments.append(
            Segment(
                isFromClient: isFromClient,
                sequence: isFromClient ? clientNext : serverNext,
                acknowledgement: flags.contains(.ack)
                    ? (isFromClient ? serverNext : clientNext) : 0,
                flags: flags,
                payload: payload,
                nanoseconds: nanoseconds
            )
        )
        nanoseconds += stepNanoseconds
    }

    func feed(_ table: SessionTable, capture: Int = 0, interface: Int = 0, skew: Int64 = 0) {
        for segment in segments {
            let source = segment.isFromClient ? client : server
            let destination = segment.isFromClient ? server : client
            segment.payload.withUnsafeBytes { payload in
                table.handle(
                    TCPSegment(
                        datagram: Datagram(
                            capture: capture,
                            interface: interface,
                            packetNumber: 1,
                            nanoseconds: segment.nanoseconds + skew,
                            source: source.address,
                            destination: destination.address,
                            protocolNumber: 6,
                            timeToLive: 64,
                            trafficClass: 0,
                            isReassembled: false,
                            missingByteCount: segment.cutByteCount,
                            payload: payload
                        ),
                        sourcePort: source.port,
                        destinationPort: destination.port,
                        sequence: segment.sequence,
                        acknowledgement: segment.acknowledgement,
                        flags: segment.flags,
                        window: segment.window,
                        payload: payload
                    )
                )
            }
        }
    }

    /// What a table of its own makes of it.
    func report(log: MessageLog? = nil) throws -> SessionReport {
        let table = SessionTable(log: log)
        feed(table)
        table.finish()
        guard let report = table.reports.first else { throw NoSession() }
        return report
    }

    struct NoSession: Error {}
}

/// Octets of ZMTP as peers write them.
enum ZMTPBytes {
    static func greeting(
        _ mechanism: String = "NULL",
        minor: UInt8 = 1,
        isServer: Bool = false
    )
        -> [UInt8]
    {
        var bytes: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, minor]
        bytes += Array(mechanism.utf8)
        bytes += Array(repeating: 0, count: 32 - bytes.count)
        bytes.append(isServer ? 1 : 0)
        return bytes + Array(repeating: 0, count: 64 - bytes.count)
    }

    static func frame(_ body: [UInt8], flags: UInt8 = 0) -> [UInt8] {
        var bytes: [UInt8] = []
        if body.count > 255 {
            bytes.append(flags | 2)
            BigEndian.append(UInt64(body.count), to: &bytes)
        } else {
            bytes += [flags, UInt8(body.count)]
        }
        return bytes + body
    }

    static func oldFrame(_ body: [UInt8], flags: UInt8 = 0) -> [UInt8] {
        guard body.count + 1 > 254 else { return [UInt8(body.count + 1), flags] + body }
        var bytes: [UInt8] = [0xFF]
        BigEndian.append(UInt64(body.count + 1), to: &bytes)
        return bytes + [flags] + body
    }

    static func command(_ name: String, _ data: [UInt8] = []) -> [UInt8] {
        frame([UInt8(name.utf8.count)] + Array(name.utf8) + data, flags: 4)
    }

    static func ready(_ properties: KeyValuePairs<String, String>) -> [UInt8] {
        var data: [UInt8] = []
        for (name, value) in properties {
            data.append(UInt8(name.utf8.count))
            data += Array(name.utf8)
            BigEndian.append(UInt32(value.utf8.count), to: &data)
            data += Array(value.utf8)
        }
        return command("READY", data)
    }

    static func message(_ parts: String...) -> [UInt8] { message(parts.map { Array($0.utf8) }) }

    static func message(_ parts: [[UInt8]]) -> [UInt8] {
        parts.enumerated().flatMap { index, part in
            frame(part, flags: index == parts.count - 1 ? 0 : 1)
        }
    }
}

extension Conversation {
    /// A subscriber connects to a publisher of ZMTP 3.1 and subscribes to `topics`.
    static func subscription(
        to topics: [String] = [""],
        clientStart: UInt32 = 1000,
        serverStart: UInt32 = 5000,
        properties: KeyValuePairs<String, String> = [:]
    ) -> Conversation {
        var conversation = Conversation(clientStart: clientStart, serverStart: serverStart)
        conversation.open()
        conversation.say(ZMTPBytes.greeting(), isFromClient: true)
        conversation.say(ZMTPBytes.greeting(), isFromClient: false)
        var ready = ZMTPBytes.ready(["Socket-Type": "SUB", "Identity": ""])
        if let node = properties.first(where: { $0.key == "X-Xylem-Node" })?.value {
            ready = ZMTPBytes.ready([
                "Socket-Type": "SUB", "X-Xylem-Node": node,
                "X-Xylem-Tree": properties.first { $0.key == "X-Xylem-Tree" }?.value ?? "tree",
            ])
        }
        conversation.say(ready, isFromClient: true)
        conversation.say(ZMTPBytes.ready(["Socket-Type": "XPUB"]), isFromClient: false)
        for topic in topics {
            conversation.say(
                ZMTPBytes.command("SUBSCRIBE", Array(topic.utf8)),
                isFromClient: true
            )
        }
        // Subscriptions settle before what a test publishes.
        conversation.nanoseconds += 1_000_000_000
        return conversation
    }
}
