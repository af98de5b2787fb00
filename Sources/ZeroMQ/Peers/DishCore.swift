import DataPlane
import NIOCore
import Patterns
import Transports
import Vocabulary
import Wire
import ZMTP

/// DISH: joins groups at every RADIO and receives their messages, of all RADIOs in turn (RFC 48). Datagrams come whether they are asked for
/// or not, and are sorted here.
final class DishCore: PeerCore, @unchecked Sendable {
    /// What the application has joined; there is one member.
    private var joined = GroupIndex()
    private let ports: DatagramPorts

    init(options: SocketOptions) {
        let home = options.eventLoop ?? SharedEventLoops.standard
        ports = DatagramPorts(type: .dish, role: .receiver, home: home, options: options)
        super.init(type: .dish, options: options, home: home, receives: true, sends: false)
        ports.setReceiver { [weak self] in self?.receive($0, at: $1) }
    }

    override var datagrams: DatagramPorts? { ports }

    /// Joins or leaves a group; `false` when that changes nothing. Fails with `ZeroMQError.closed` after `finish`.
    func change(_ group: [UInt8], isJoin: Bool) -> EventLoopFuture<Bool> {
        home.submit {
            guard !self.isFinished else { throw ZeroMQError.closed }
            let change = group.withUnsafeBytes {
                self.joined.handle($0, isJoin: isJoin, by: Self.application)
            }
            guard change == .topic else { return false }
            let frame =
                isJoin ? Command.joinFrame(group: group) : Command.leaveFrame(group: group)
            for case let radio? in self.connections { radio.sendControl(frame) }
            return true
        }
    }

    /// A RADIO that is new, or back, hears of all groups.
    override func handleAdmission(of connection: Connection, _ peer: RemotePeer) {
        var frames: [UInt8] = []
        joined.forEachGroup { frames += Command.joinFrame(group: $0) }
        if !frames.isEmpty { connection.sendControl(frames) }
    }

    /// What is not a group and a body is discarded (RFC 37: "MUST discard any multipart messages"), and so is what is still on its way from a
    /// group that was left.
    override func accept(_ run: ByteBuffer, messageCount: Int, from connection: Connection) {
        var wanted: ByteBuffer?
        var wantedCount = 0
        run.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {
                let isWhole = Self.isGroupAndBody(bytes, walker)
                if !isWhole { dropped.add(1, .malformed) }
                let group = UnsafeRawBufferPointer(rebasing: bytes[walker.topic])
                if isWhole, joined.contains(group) {
                    wantedCount += 1
                    wanted?.writeBytes(
                        UnsafeRawBufferPointer(rebasing: bytes[walker.start..<walker.end])
                    )
                } else if wanted == nil {
                    wanted = ByteBuffer(
                        bytes: UnsafeRawBufferPointer(rebasing: bytes[..<walker.start])
                    )
                }
            }
        }
        guard wantedCount > 0 else { return }
        deliver(wanted ?? run, messageCount: wantedCount, from: connection)
    }

    private static func isGroupAndBody(
        _ bytes: UnsafeRawBufferPointer,
        _ walker: MessageWalker
    ) -> Bool {
        guard bytes[walker.start] & FrameHeader.more != 0 else { return false }
        let body = FrameHeader(at: walker.topic.upperBound, in: bytes)
        return !body.hasMore
    }

    /// What came by `udp://`; libzmq's framing.
    private func receive(_ arrival: DatagramPort.Arrival, at port: PeerID) {
        guard case .datagram(let octets, _) = arrival else { return ports.drop(.tooLarge) }
        var message = ByteBuffer()
        let fate = octets.withUnsafeReadableBytes { bytes -> DropReason? in
            guard let (groupRange, bodyRange) = GroupDatagram.decode(bytes) else {
                return .malformed
            }
            let group = UnsafeRawBufferPointer(rebasing: bytes[groupRange])
            guard GroupIndex.isGroup(group) else { return .malformed }
            guard joined.contains(group) else { return nil }
            guard bodyRange.count <= options.messageByteCountMax ?? .max else { return .tooLarge }
            message.reserveCapacity(11 + bytes.count)
            message.writeFrameHeader(bodyByteCount: group.count, hasMore: true)
            message.writeBytes(group)
            message.writeFrameHeader(bodyByteCount: bodyRange.count, hasMore: false)
            message.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[bodyRange]))
            let isTaken = inbox?.offer(message, messageCount: 1, from: port) ?? true
            return isTaken ? nil : .queueFull
        }
        if let fate { ports.drop(fate) }
    }

    private static let application = SubscriberID(0)
}
