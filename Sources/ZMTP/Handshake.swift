import Wire

/// The opening of a connection: greetings, then the mechanism, then both sides know each other (RFC 37).
///
///     (start) ── opening sent ──▶ awaitGreeting ── greeting ok: send READY ──▶ awaitReady ── READY ok ──▶ done
///                                     │                                            │
///                                     └───────────── anything else ────────────────┴──▶ done (failed)
///
/// One event in (`handle`), one `Action` out. Differences from the RFC: minor versions above 1 are treated as 3.1.
public struct Handshake: Sendable {
    public enum Action: Equatable, Sendable {
        case needMoreBytes
        case send([UInt8])
        /// Both READYs are exchanged: messages follow.
        case establish(RemotePeer)
        /// The peer broke the rules or does not fit; `farewell` is sent before closing.
        case fail(HandshakeFailure, farewell: [UInt8]?)
    }

    private enum Phase {
        case awaitGreeting
        case awaitReady(Greeting)
        case done
    }

    private let local: LocalPeer
    private var phase = Phase.awaitGreeting

    public init(local: LocalPeer) {
        self.local = local
    }

    /// What to send before anything has arrived.
    public var opening: [UInt8] { Greeting(mechanism: NullMechanism.name).encoded }

    public var isDone: Bool {
        if case .done = phase { true } else { false }
    }

    /// Looks at all octets that have arrived and were not consumed yet; sets `consumedByteCount` to how many of
    /// them are dealt with. After `send` there may be more to find in the rest; after `establish` the rest is traffic.
    public mutating func handle(
        _ bytes: UnsafeRawBufferPointer,
        consumedByteCount: inout Int
    ) -> Action {
        consumedByteCount = 0
        do throws(HandshakeFailure) {
            switch phase {
            case .awaitGreeting:
                guard let greeting = try Greeting.decode(bytes) else { return .needMoreBytes }
                consumedByteCount = Greeting.byteCount
                guard greeting.mechanism == NullMechanism.name else {
                    throw .mechanismMismatch(local: NullMechanism.name, peer: greeting.mechanism)
                }
                phase = .awaitReady(greeting)
                return .send(NullMechanism.ready(local))
            case .awaitReady(let greeting):
                return try handleCommand(bytes, greeting, &consumedByteCount)
            case .done:
                return .needMoreBytes
            }
        } catch {
            phase = .done
            return .fail(error, farewell: error.farewell)
        }
    }

    private mutating func handleCommand(
        _ bytes: UnsafeRawBufferPointer,
        _ greeting: Greeting,
        _ consumedByteCount: inout Int
    ) throws(HandshakeFailure) -> Action {
        guard let flags = bytes.first else { return .needMoreBytes }
        guard flags & ~FrameHeader.long == FrameHeader.command else {
            throw .malformedCommand("no command came, but a frame with flags \(flags)")
        }
        guard bytes.count >= 2 else { return .needMoreBytes }
        var header = FrameHeader(flags: bytes[0], bodyByteCount: Int(bytes[1]))
        if header.byteCount == 9 {
            guard bytes.count >= 9 else { return .needMoreBytes }
            header.bodyByteCount =
                Int(exactly: BigEndian.loadUInt64(bytes, at: 1)) ?? .max
        }
        guard header.bodyByteCount <= Self.commandByteCountMax else {
            throw .malformedCommand("a handshake command of \(header.bodyByteCount) octets")
        }
        let end = header.byteCount + header.bodyByteCount
        guard bytes.count >= end else { return .needMoreBytes }
        let body = UnsafeRawBufferPointer(rebasing: bytes[header.byteCount..<end])
        let peer = try NullMechanism.handle(Command(body: body), body, greeting, local)
        consumedByteCount = end
        phase = .done
        return .establish(peer)
    }

    /// A READY larger than this is refused; libzmq's properties take some 100 octets.
    public static let commandByteCountMax = 65_536
}
