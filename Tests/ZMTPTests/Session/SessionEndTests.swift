import Testing
import Wire

@testable import ZMTP

/// The ways a session ends, under virtual time; lines begin with the milliseconds.
struct SessionEndTests {
    private static let message: [UInt8] = [0, 1, 65]

    @Test func `what waits is sent before the stream is closed`() {
        var rig = SessionRig.established()
        rig.isFull = true
        rig.send()
        rig.finish(linger: .seconds(5))
        rig.pass(.seconds(1))
        rig.receive(Self.message + Command.pingFrame(ttl: 0))
        #expect(rig.takeLines() == ["1000 1 in a run of 3", "1000 pong "])
        rig.handleWritable()
        rig.receive(Self.message + Command.pingFrame(ttl: 0))
        rig.handleStreamClose()
        rig.pass(.seconds(60))
        #expect(
            rig.takeLines() == [
                "1000 finish the stream", "1000 1 in a run of 3",
                "1000 closed: closed by this side",
            ]
        )
    }

    @Test func `a peer that takes nothing keeps a close for the linger at most`() {
        var rig = SessionRig.established()
        rig.isFull = true
        rig.send()
        rig.finish(linger: .seconds(5))
        rig.pass(.seconds(9))
        #expect(rig.takeLines() == ["5000 abort the stream"])
    }

    @Test func `with nothing waiting the stream is closed at once`() {
        var rig = SessionRig.established()
        rig.finish(linger: nil)
        #expect(rig.takeLines() == ["0 finish the stream"])
        rig.finish(linger: .zero)
        rig.drain()
        #expect(rig.takeLines() == [])
        #expect(rig.session.deadline == nil)
    }

    @Test func `without linger, or before the handshake is over, nothing is waited for`() {
        var rig = SessionRig.established()
        rig.isFull = true
        rig.send()
        rig.finish(linger: .zero)
        #expect(rig.takeLines() == ["0 abort the stream"])
        rig = SessionRig()
        rig.open()
        rig.finish(linger: nil)
        #expect(rig.takeLines() == ["0 send greeting", "0 abort the stream"])
    }

    @Test func `a peer that fails while it is sent the rest is not waited for`() {
        var rig = SessionRig.established()
        rig.isFull = true
        rig.send()
        rig.finish(linger: nil)
        rig.close(.overflow, farewell: Command.errorFrame("slow"))
        rig.handleStreamClose("reset")
        #expect(rig.takeLines() == ["0 abort the stream", "0 closed: closed by this side"])
    }

    @Test func `the first reason counts`() {
        var rig = SessionRig.established()
        rig.close(.misbehaviour("first"), farewell: Command.errorFrame("first"))
        rig.close(.misbehaviour("second"))
        rig.close(.misbehaviour("third"), farewell: Command.errorFrame("third"))
        rig.finish(linger: nil)
        rig.receive(Self.message)
        rig.handleStreamClose("reset")
        rig.handleStreamClose("again")
        #expect(
            rig.takeLines() == ["0 send ERROR", "0 finish the stream", "0 closed: first"]
        )
    }

    @Test func `a stream that fails by itself gives its reason`() {
        var rig = SessionRig.established()
        rig.handleStreamClose("connection reset")
        #expect(rig.takeLines() == ["0 closed: connection reset"])
        #expect(rig.session.peer == nil)
    }

    @Test func `a stall inside a message, and one of a peer that takes nothing`() {
        var rig = SessionRig.established { $0.stallTimeout = .seconds(3) }
        rig.receive([0, 9, 1])
        rig.pass(.seconds(2))
        rig.receive([2])
        rig.pass(.seconds(2))
        #expect(rig.takeLines() == [])
        rig.pass(.seconds(2))
        #expect(rig.takeLines() == ["5000 abort the stream"])
        rig = SessionRig.established { $0.stallTimeout = .seconds(3) }
        rig.isFull = true
        rig.send()
        rig.pass(.seconds(1))
        rig.send()
        rig.pass(.seconds(3))
        #expect(rig.takeLines() == ["3000 abort the stream"])
        rig.handleStreamClose()
        #expect(rig.takeLines() == ["4000 closed: the peer has stopped reading"])
    }

    @Test func `another relay may pause, and this side's own pause is nobody's stall`() {
        var rig = SessionRig.established { $0.stallTimeout = .seconds(3) }
        rig.allowPauses()
        rig.isFull = true
        rig.send()
        rig.receive([0, 9, 1])
        rig.setReading(false)
        rig.pass(.seconds(1))
        #expect(rig.takeLines() == [])
        #expect(rig.session.deadline.map { $0.nanoseconds / 1_000_000 } == 2_000)
        rig.pass(.seconds(4))
        #expect(rig.takeLines() == ["2000 ping 00 00", "4000 ping 00 00"])
    }

    @Test func `heartbeats and stalls share one table`() {
        var rig = SessionRig.established {
            $0.stallTimeout = .seconds(5)
            $0.heartbeat = HeartbeatOptions(interval: .seconds(2), timeout: .seconds(9))
        }
        rig.receive([0, 9, 1])
        rig.pass(.seconds(6))
        rig.handleStreamClose()
        #expect(
            rig.takeLines() == [
                "2000 ping 00 00", "4000 ping 00 00", "5000 abort the stream",
                "6000 closed: the peer stopped in the middle of a message",
            ]
        )
    }

    private static func sparing(_ type: SocketType, _ peer: [UInt8]) -> SessionRig {
        var rig = SessionRig(type) { $0.heartbeat = .sparing(interval: .seconds(2)) }
        rig.open()
        rig.receive(peer)
        _ = rig.takeLines()
        return rig
    }

    @Test func `a slow subscriber is kept as long as its machine acknowledges`() {
        var rig = Self.sparing(.pub, SessionRig.opening(.sub))
        rig.pass(.seconds(11))
        #expect(
            rig.takeLines() == [
                "2000 ping 00 00", "4000 ping 00 00", "6000 confirm the silence", "6000 ping 00 00",
                "8000 ping 00 00", "10000 confirm the silence", "10000 ping 00 00",
            ]
        )
        rig.isAcknowledged = false
        rig.pass(.seconds(4))
        #expect(
            rig.takeLines() == [
                "12000 ping 00 00", "14000 confirm the silence", "14000 abort the stream",
            ]
        )
    }

    @Test func `a publisher is not spared, nor a relay, which shows that it lives`() {
        var relay = LocalPeer(socketType: .sub)
        relay.properties.append("X-Xylem-Relay", "oslo".utf8)
        let ofRelay = SessionRig.greeting + Command.readyFrame(relay.metadata)
        for var rig in [
            Self.sparing(.sub, SessionRig.opening(.pub)), Self.sparing(.pub, ofRelay),
        ] {
            rig.pass(.seconds(7))
            #expect(
                rig.takeLines() == [
                    "2000 ping 00 00", "4000 ping 00 00", "6000 abort the stream",
                ]
            )
        }
    }
}
