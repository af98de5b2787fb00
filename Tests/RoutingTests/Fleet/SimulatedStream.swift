import NIOCore
import NIOEmbedded
import Routing
import Transports
import Wire

/// What a relay's production queue writes into: a connection of the simulated network, which takes messages until as many
/// as may be are unread at its other end.
final class SimulatedStream: ByteStream, @unchecked Sendable {
    /// Asked for and never used: nothing here waits.
    let loop: any EventLoop
    let peerDescription = "simulated"
    private let isFull: () -> Bool
    private let send: (FleetMessage) -> Void

    init(
        loop: any EventLoop,
        isFull: @escaping () -> Bool,
        send: @escaping (FleetMessage) -> Void
    ) {
        self.loop = loop
        self.isFull = isFull
        self.send = send
    }

    var isWritable: Bool { !isFull() }

    func write(_ buffer: ByteBuffer) {
        for message in FleetMessage.decode(buffer) { send(message) }
    }

    func flush() {}
    func setReading(_ isReading: Bool) {}
    func finish() {}
    func abort() {}
}

extension FleetMessage {
    /// As two frames of ZMTP: the topic, then whose message it is.
    var encoded: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(FrameHeader.more)
        buffer.writeInteger(UInt8(topic.count))
        buffer.writeBytes(topic)
        buffer.writeInteger(UInt8(0))
        buffer.writeInteger(UInt8(8))
        buffer.writeInteger(UInt32(publisher))
        buffer.writeInteger(UInt32(sequence))
        return buffer
    }

    static func decode(_ run: ByteBuffer) -> [FleetMessage] {
        run.withUnsafeReadableBytes { bytes in
            var messages: [FleetMessage] = []
            var walker = MessageWalker(bytes)
            while walker.next() {
                let number = { (offset: Int) in
                    bytes[walker.end - offset..<walker.end - offset + 4].reduce(0) {
                        $0 << 8 | Int($1)
                    }
                }
                messages.append(
                    FleetMessage(
                        publisher: number(8),
                        sequence: number(4),
                        topic: Array(bytes[walker.topic])
                    )
                )
            }
            return messages
        }
    }
}
