import NIOCore
import Routing
import Transports
import Wire
import ZMTP

/// What a command on a tree's link says.
enum LinkInput {
    case command(LinkCommand)
    case batch(BatchHeader, messageCount: Int, ByteBuffer)
    case parcel(ParcelHeader, messageCount: Int, ByteBuffer)
    /// A command that is not the link's: not for us (RFC 37).
    case foreign

    /// Reads a command. Messages stay where they are: the buffer is a slice of what was read.
    init(_ command: PeerCommand) throws(LinkFault) {
        switch command.kind {
        case .subscribe(let topic):
            self = .command(.subscribe(Array(command.part(topic).readableBytesView)))
        case .cancel(let topic):
            self = .command(.cancel(Array(command.part(topic).readableBytesView)))
        case .unknown(let name, let data):
            self = try Self.read(
                String(buffer: command.part(name)),
                command.part(data)
            )
        case .ready, .error, .ping, .pong, .join, .leave, .malformed: self = .foreign
        }
    }

    private static func read(_ name: String, _ body: ByteBuffer) throws(LinkFault) -> LinkInput {
        switch name {
        case "BATCH":
            let (header, offset) = try head(of: body) { octets throws(LinkFault) in
                try BatchHeader.read(octets)
            }
            let frames = body.slice(offset..<body.readableBytes)
            return .batch(header, messageCount: try messageCount(of: frames), frames)
        case "PARCEL":
            let (header, offset) = try head(of: body) { octets throws(LinkFault) in
                try ParcelHeader.read(octets)
            }
            let frames = body.slice(offset..<body.readableBytes)
            return .parcel(header, messageCount: try messageCount(of: frames), frames)
        default:
            let octets = Array(body.readableBytesView)
            guard let command = try LinkCommand(name: name, body: octets) else { return .foreign }
            return .command(command)
        }
    }

    /// The fields before the messages are few octets as a rule: no more is copied than they may need.
    private static func head<Header>(
        of body: ByteBuffer,
        _ read: ([UInt8]) throws(LinkFault) -> (Header, Int)
    ) throws(LinkFault) -> (Header, Int) {
        var count = 256
        while count < body.readableBytes {
            if let found = try? read(Array(body.readableBytesView.prefix(count))) { return found }
            count *= 8
        }
        return try read(Array(body.readableBytesView))
    }

    /// How many whole messages the frames hold; anything else between or behind them is a fault (B3).
    private static func messageCount(of frames: ByteBuffer) throws(LinkFault) -> Int {
        guard frames.readableBytes > 0 else { return 0 }
        return try frames.withUnsafeReadableBytes { bytes throws(LinkFault) in
            var scanner = FrameScanner(limits: FrameScanner.Limits())
            var offset = 0
            guard case .run(let range, let messageCount) = scanner.next(bytes, from: &offset),
                range.count == bytes.count
            else { throw LinkFault("the frames of a command are no whole messages") }
            return messageCount
        }
    }
}
