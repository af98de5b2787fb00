import Testing
import Wire

@testable import ZMTP

/// The session of who was dialled, and lets the other begin.
struct AcceptedSessionTests {
    private static func rig() -> SessionRig {
        SessionRig { $0.speaksFirst = false }
    }

    @Test func `whoever was dialled answers a greeting with one piece`() {
        var rig = Self.rig()
        rig.open()
        #expect(rig.sent.isEmpty)
        rig.pass(.milliseconds(999))
        #expect(rig.sent.isEmpty)
        rig.receive(SessionRig.greeting)
        #expect(rig.takeLines() == ["999 send greeting"])
        let ready = Command.readyFrame(LocalPeer(socketType: .pub).metadata)
        #expect(Array(rig.sent.dropFirst(Greeting.byteCount)) == ready)
        rig.receive(Command.readyFrame(LocalPeer(socketType: .sub).metadata))
        #expect(rig.takeLines() == ["999 establish SUB"])
        #expect(rig.session.deadline == nil)
    }

    @Test func `to a signature it answers with its own and the version`() {
        var rig = Self.rig()
        rig.open()
        rig.receive(Array(SessionRig.greeting.prefix(Greeting.signatureByteCount)))
        #expect(rig.sent.count == Greeting.signatureByteCount + 1)
        rig.receive(Array(SessionRig.greeting.dropFirst(Greeting.signatureByteCount)))
        rig.receive(Command.readyFrame(LocalPeer(socketType: .sub).metadata))
        #expect(rig.session.isEstablished)
    }

    @Test func `a peer that waits is greeted after a second, and has its whole time then`() {
        var rig = Self.rig()
        rig.open()
        rig.pass(.seconds(1))
        #expect(rig.takeLines() == ["1000 send greeting"])
        #expect(rig.sent.count == Greeting.signatureByteCount)
        rig.pass(.seconds(29))
        rig.receive(SessionRig.opening())
        #expect(rig.session.isEstablished)
    }

    @Test func `a peer that never says anything is not kept longer than that`() {
        var rig = SessionRig {
            $0.speaksFirst = false
            $0.handshakeTimeout = .seconds(5)
        }
        rig.open()
        rig.pass(.seconds(20))
        rig.handleStreamClose()
        #expect(
            rig.takeLines() == [
                "1000 send greeting", "6000 abort the stream",
                "20000 closed: the handshake was not finished in time",
            ]
        )
    }

    @Test func `a stranger learns what is spoken here`() {
        var rig = Self.rig()
        rig.open()
        // The head of a TLS record.
        rig.receive([0x16, 0x03, 0x01])
        #expect(rig.takeLines() == ["0 send greeting", "0 finish the stream"])
        #expect(rig.sent.count == Greeting.signatureByteCount)
        rig.handleStreamClose()
        #expect(
            rig.takeLines() == [
                "0 closed: the peer does not speak ZMTP (its first octet is 0x16)"
            ]
        )
    }

    @Test func `a close before the peer has begun sends nothing`() {
        var rig = Self.rig()
        rig.open()
        rig.close(.closedHere)
        rig.pass(.seconds(5))
        rig.handleStreamClose()
        #expect(rig.takeLines() == ["0 abort the stream", "5000 closed: closed by this side"])
        #expect(rig.sent.isEmpty)
    }

    @Test func `a peer that leaves at our READY is taken to be of the wrong kind`() {
        var rig = Self.rig()
        rig.open()
        rig.receive(SessionRig.greeting)
        rig.handleStreamClose()
        #expect(
            rig.takeLines() == [
                "0 send greeting",
                "0 closed: the peer left when it had heard that this is a PUB socket, which talks to SUB and XSUB",
            ]
        )
    }
}
