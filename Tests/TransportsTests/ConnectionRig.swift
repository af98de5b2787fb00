import NIOCore
import NIOEmbedded
import SocketTestSupport
import Wire
import ZMTP

@testable import Transports

/// A connection over a fake stream, with a keeper and a handler that write down what they hear.
final class ConnectionRig: @unchecked Sendable {
    let stream: FakeStream
    let connection: Connection
    private let ears = Ears()

    init(
        stream: FakeStream = FakeStream(),
        configure: (inout ConnectionOptions) -> Void = { _ in }
    ) {
        self.stream = stream
        var options = ConnectionOptions(session: SessionOptions(local: LocalPeer(socketType: .pub)))
        configure(&options)
        connection = Connection(
            id: 1,
            stream: stream,
            options: options,
            clock: DeadlineClock(loop: stream.loop),
            dialler: nil,
            keeper: ears,
            handler: ears
        )
    }

    /// An open connection waits at its clock, which waits at the loop that the connection holds.
    deinit {
        connection.handleClose(error: nil)
        loop.run()
    }

    var loop: EmbeddedEventLoop { stream.embedded }

    var log: [String] { ears.log }

    var isKeeping: Bool {
        get { ears.isKeeping }
        set { ears.isKeeping = newValue }
    }

    var onMessage: (Connection) -> Void {
        get { ears.onMessage }
        set { ears.onMessage = newValue }
    }

    func establish() {
        connection.handleOpen()
        receive(Octets.greeting() + Octets.ready("SUB"))
    }

    func receive(_ octets: [UInt8]) {
        connection.handleBytes(ByteBuffer(bytes: octets))
    }

    private final class Ears: ConnectionKeeper, ConnectionHandler, @unchecked Sendable {
        var log: [String] = []
        var isKeeping = true
        var onMessage: (Connection) -> Void = { _ in }

        func keep(_ connection: Connection) -> Bool { isKeeping }

        func connectionDidEstablish(_ connection: Connection, peer: RemotePeer) {
            log.append("established" + (peer.userID.map { " \($0)" } ?? ""))
        }

        func connection(_ connection: Connection, didReceive run: ByteBuffer, messageCount: Int) {
            run.withUnsafeReadableBytes { bytes in
                var walker = MessageWalker(bytes)
                while walker.next() {
                    log.append("message " + String(decoding: bytes[walker.topic], as: UTF8.self))
                }
            }
            onMessage(connection)
        }

        func connection(_ connection: Connection, didReceive command: PeerCommand) {
            let octets = command.body.readableBytesView
            let name = octets.dropFirst().prefix(Int(octets.first ?? 0))
            log.append("command " + String(decoding: name, as: UTF8.self))
        }

        func connectionDidEndRead(_ connection: Connection) { log.append("read end") }

        func connectionDidDrain(_ connection: Connection) { log.append("drained") }

        func connectionDidClose(_ connection: Connection, reason: DisconnectReason) {
            log.append("closed: \(reason)")
        }
    }
}

/// An authenticator that answers when the test does.
final class LateAuthenticator: Authenticator, @unchecked Sendable {
    struct Question {
        var request: AuthenticationRequest
        var address: String
        var promise: EventLoopPromise<AuthenticationVerdict>
    }

    private(set) var asked: Question?

    func authenticate(
        _ request: AuthenticationRequest,
        from address: String,
        on loop: any EventLoop
    ) -> EventLoopFuture<AuthenticationVerdict> {
        let promise = loop.makePromise(of: AuthenticationVerdict.self)
        asked = Question(request: request, address: address, promise: promise)
        return promise.futureResult
    }
}

/// A codec for tests: every octet inverted.
struct InvertedFraming: FrameDecoder, FrameEncoder {
    static let framing = Framing(
        ingress: .rewritten(InvertedFraming()),
        egress: .rewritten(InvertedFraming())
    )

    func byteCountMax(decoding octetCount: Int) -> Int { octetCount }

    func byteCountMax(encoding frameByteCount: Int) -> Int { frameByteCount }

    func decode(
        _ octets: UnsafeRawBufferPointer,
        into frames: UnsafeMutableRawBufferPointer
    ) -> Int {
        frames.copyBytes(from: octets.lazy.map { ~$0 })
        return octets.count
    }

    func encode(
        _ frames: UnsafeRawBufferPointer,
        into octets: UnsafeMutableRawBufferPointer
    ) -> Int {
        octets.copyBytes(from: frames.lazy.map { ~$0 })
        return frames.count
    }
}
