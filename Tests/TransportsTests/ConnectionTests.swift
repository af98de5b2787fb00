import NIOCore
import NIOEmbedded
import SocketTestSupport
import Testing
import Wire
import ZMTP

@testable import Transports

/// The shell around a session, over a stream that does what it is told, on a loop whose time stands still.
struct ConnectionTests {
    private static let handshake = Octets.greeting() + Octets.ready("SUB")

    @Test(arguments: [true, false])
    func `a close in the flush of the handshake is final`(closes: Bool) {
        let rig = ConnectionRig()
        rig.stream.onFlush = { [unowned rig] in
            if closes { rig.connection.handleClose(error: nil) }
        }
        rig.connection.handleOpen()
        rig.receive(Self.handshake + Octets.frame("x"))
        rig.loop.run()
        #expect(rig.stream.flushCount == 1)
        #expect(rig.connection.isClosed == closes)
        let end =
            "closed: the peer left when it had heard that this is a PUB socket, which talks to SUB and XSUB"
        #expect(rig.log.last == (closes ? end : "message x"))
    }

    @Test func `a handler that closes in the middle of a read gets no more of it`() {
        let rig = ConnectionRig()
        rig.establish()
        rig.onMessage = { $0.close(.overflow) }
        rig.receive(Octets.frame("a") + Octets.command("SUBSCRIBE", [66]) + Octets.frame("c"))
        #expect(rig.log == ["established", "message a"])
        #expect(rig.stream.isAborted)
    }

    @Test func `an ERROR reaches the handler, then the connection ends`() {
        let rig = ConnectionRig()
        rig.establish()
        rig.receive(Octets.command("ERROR", [2] + Array("no".utf8)))
        rig.connection.handleClose(error: nil)
        rig.loop.run()
        #expect(rig.log == ["established", "command ERROR", "closed: the peer refused: no"])
    }

    @Test func `nothing is read before the verdict`() throws {
        let authenticator = LateAuthenticator()
        let rig = ConnectionRig { $0.authenticator = authenticator }
        rig.connection.handleOpen()
        rig.receive(Self.handshake + Octets.frame("early"))
        rig.receive(Octets.frame("later"))
        #expect(rig.log == [])
        #expect(!rig.stream.isReading)
        let asked = try #require(authenticator.asked)
        #expect(asked.request.mechanism == "NULL" && asked.address == "fake")
        asked.promise.succeed(.admitted(userID: "ann"))
        #expect(rig.stream.isReading)
        #expect(rig.log == ["established ann", "message early", "message later", "read end"])
    }

    @Test func `an authenticator that fails turns a peer away without a word`() throws {
        let authenticator = LateAuthenticator()
        let rig = ConnectionRig { $0.authenticator = authenticator }
        rig.connection.handleOpen()
        rig.receive(Octets.greeting())
        let sent = rig.stream.octets
        try #require(authenticator.asked).promise.fail(ChannelError.eof)
        #expect(rig.stream.isAborted)
        #expect(rig.stream.octets == sent)
    }

    @Test func `a verdict after the close is nobody's`() throws {
        let authenticator = LateAuthenticator()
        let rig = ConnectionRig { $0.authenticator = authenticator }
        rig.connection.handleOpen()
        rig.receive(Self.handshake)
        rig.connection.handleClose(error: nil)
        try #require(authenticator.asked).promise.succeed(.admitted(userID: nil))
        rig.loop.run()
        #expect(rig.log == ["closed: the peer closed the connection"])
        #expect(rig.connection.peer == nil)
    }

    @Test func `a connection that is not kept is closed before it speaks`() {
        let rig = ConnectionRig()
        rig.isKeeping = false
        rig.connection.handleOpen()
        #expect(rig.stream.octets.isEmpty)
        #expect(rig.stream.isAborted)
    }

    @Test func `all that leaves goes through the stream's codec`() {
        let stream = FakeStream(carriage: .messages(framing: InvertedFraming.framing))
        let rig = ConnectionRig(stream: stream)
        rig.connection.handleOpen()
        rig.receive(Octets.ready("SUB").map { ~$0 })
        rig.connection.outbox.append(Run(["topic"]))
        rig.connection.drain()
        rig.receive((Octets.frame("m") + Octets.command("PING", [0, 0, 5])).map { ~$0 })
        let expected =
            Octets.ready("PUB") + Octets.frame("topic") + Octets.command("PONG", [5])
        #expect(stream.octets.map { ~$0 } == expected)
        #expect(rig.log.last == "message m")
    }

    @Test func `a connection used off its loop stops a debug build`() async {
        await #expect(processExitsWith: .failure) {
            let group = SharedEventLoops.makeGroup(count: 1)
            let stream = FakeStream(loop: group.next())
            let rig = ConnectionRig(stream: stream)
            rig.connection.drain()
        }
    }
}
