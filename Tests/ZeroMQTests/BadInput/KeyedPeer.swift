import CryptoBox
import SocketTestSupport
import Transports
import Vocabulary
import Wire
import ZMTP

/// A client of CURVE that knows its keys and does wrong with them: our own session, and octets in the hands of the test.
struct KeyedPeer {
    private let peer: RawPeer
    private let isWeb: Bool
    private var session: Session
    private var encoder: ProtectionEncoder?

    /// Connects, and has the handshake behind it, unless `forge` has changed one of its commands so that it ends.
    init(
        _ endpoint: Endpoint,
        _ security: Security,
        minor: UInt8,
        forge: (_ name: String, _ frame: [UInt8]) -> [UInt8] = { $1 }
    ) async throws {
        peer = try await RawPeer.connect(to: endpoint)
        isWeb = endpoint.scheme == .ws
        var options = SessionOptions(local: LocalPeer(socketType: .sub))
        options.security = security
        session = Session(
            options: options,
            carriage: .messages(framing: .v3),
            randomness: .random(byteCount: security.randomByteCount)
        )
        if isWeb {
            try await peer.send(BadInput.upgrade("ZWS2.0/CURVE"))
            var head: [UInt8] = []
            while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
                head += try await peer.receive(1)
            }
        } else {
            try await peer.send(Octets.greeting(minor: minor, mechanism: "CURVE"))
            _ = try await peer.receive(64)
        }
        session.handleOpen(at: Self.now)
        try await perform(forge)
        while !session.isEstablished, !session.isClosed {
            let frame = try await receiveFrame()
            session.handleRead(at: Self.now)
            var offset = 0
            while offset < frame.count {
                let event = frame.withUnsafeBytes {
                    session.next($0, from: &offset, at: Self.now)
                }
                guard case .handshake = event else { break }
            }
            try await perform(forge)
        }
    }

    /// A message or command, as it would leave.
    mutating func sealed(_ frame: [UInt8]) -> [UInt8] {
        frame.withUnsafeBytes { frame in
            var octets = [UInt8](repeating: 0, count: encoder?.byteCount(encoding: frame) ?? 0)
            let count = octets.withUnsafeMutableBytes { encoder?.encode(frame, into: $0) ?? 0 }
            return Array(octets.prefix(count))
        }
    }

    func send(_ frame: [UInt8]) async throws {
        try await peer.send(isWeb ? BadInput.webMessage(frame) : frame)
    }

    /// Returns when the server has closed.
    func closed() async throws { try await peer.closed() }

    private mutating func perform(
        _ forge: (_ name: String, _ frame: [UInt8]) -> [UInt8]
    ) async throws {
        while let directive = session.nextDirective() {
            switch directive {
            case .send(let frame):
                let body = frame[(frame[0] & 2 == 0 ? 2 : 9)...]
                let name = String(
                    decoding: body.dropFirst().prefix(Int(body.first ?? 0)),
                    as: UTF8.self
                )
                try await send(forge(name, frame))
            case .establish: encoder = session.protection?.takeEncoder()
            default: break
            }
        }
    }

    /// The next frame of ZMTP.
    private func receiveFrame() async throws -> [UInt8] {
        let head = try await peer.receive(2)
        guard isWeb else {
            guard head[0] & 2 != 0 else { return head + (try await peer.receive(Int(head[1]))) }
            let rest = try await peer.receive(7)
            let count = (head[1...] + rest).reduce(0) { $0 << 8 | Int($1) }
            return head + rest + (try await peer.receive(count))
        }
        var count = Int(head[1])
        if count == 126 {
            count = try await peer.receive(2).reduce(0) { $0 << 8 | Int($1) }
        }
        let payload = try await peer.receive(count)
        let flags: UInt8 = payload[0] == 2 ? 4 : payload[0]
        var frame: [UInt8] = []
        payload[1...].withUnsafeBytes {
            FrameHeader.append(body: $0, isCommand: flags == 4, to: &frame)
        }
        return frame
    }

    private static let now = Instant(nanoseconds: 0)
}
