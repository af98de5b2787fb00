import Testing
import Wire

@testable import ZMTP

/// One session under virtual time; lines begin with the milliseconds.
struct SessionTests {
    private static let message: [UInt8] = [0, 1, 65]
    private static let error = Command.errorFrame("no")

    // MARK: Opening

    @Test func `a handshake, then messages`() {
        var rig = SessionRig()
        rig.open()
        rig.receive(SessionRig.opening() + Self.message + Self.message)
        #expect(
            rig.takeLines() == [
                "0 send greeting", "0 send READY", "0 establish SUB", "0 2 in a run of 6",
            ]
        )
        #expect(rig.session.peer?.socketType == .sub)
        #expect(rig.session.deadline == nil)
    }

    @Test func `a handshake that takes too long is over`() {
        var rig = SessionRig { $0.handshakeTimeout = .seconds(5) }
        rig.open()
        rig.pass(.seconds(4))
        rig.receive(SessionRig.greeting)
        rig.pass(.seconds(4))
        rig.handleStreamClose()
        #expect(
            rig.takeLines() == [
                "0 send greeting", "4000 send READY", "5000 abort the stream",
                "8000 closed: the handshake was not finished in time",
            ]
        )
    }

    @Test func `a peer that does not fit is told, and not waited for`() {
        var rig = SessionRig()
        rig.open()
        rig.receive(SessionRig.opening(.pub) + Self.message)
        #expect(
            rig.takeLines() == [
                "0 send greeting", "0 send READY", "0 send ERROR", "0 finish the stream",
            ]
        )
        rig.pass(.seconds(2))
        rig.handleStreamClose()
        #expect(
            rig.takeLines() == [
                "1000 abort the stream",
                "2000 closed: a PUB socket cannot talk to a PUB socket",
            ]
        )
    }

    @Test func `a close before the stream is open stays a close`() {
        var rig = SessionRig()
        rig.close(.closedHere)
        rig.open()
        rig.receive(SessionRig.opening())
        rig.handleStreamClose()
        #expect(rig.takeLines() == ["0 abort the stream", "0 closed: closed by this side"])
    }

    @Test(arguments: 1...3)
    func `a stream that closes in a flush of the handshake stays closed`(number: Int) {
        var rig = SessionRig()
        var count = 0
        rig.onDirective = { rig in
            count += 1
            if count == number { rig.handleStreamClose() }
        }
        rig.open()
        rig.receive(SessionRig.opening() + Self.message)
        #expect(rig.session.isClosed)
        let all = ["0 send greeting", "0 send READY", "0 establish SUB"]
        let end =
            number == 2
            ? "the peer left when it had heard that this is a PUB socket, which talks to SUB and XSUB"
            : "the peer closed the connection"
        #expect(rig.takeLines() == all.prefix(number) + ["0 closed: " + end])
    }

    @Test func `a close in the flush of READY lets nobody be established`() {
        var rig = SessionRig()
        rig.onDirective = { if $0.lines.last == "0 send READY" { $0.close(.overflow) } }
        rig.open()
        rig.receive(SessionRig.opening() + Self.message)
        #expect(
            rig.takeLines() == ["0 send greeting", "0 send READY", "0 abort the stream"]
        )
    }

    // MARK: Verdicts

    private static func asking() -> SessionRig {
        var rig = SessionRig {
            $0.asksAuthenticator = true
            $0.handshakeTimeout = .seconds(5)
        }
        rig.open()
        rig.receive(SessionRig.opening() + message)
        rig.receive(message)
        return rig
    }

    @Test func `what comes before a verdict waits for it`() {
        var rig = Self.asking()
        #expect(rig.takeLines() == ["0 send greeting", "0 authenticate NULL"])
        rig.pass(.seconds(3))
        rig.handleVerdict(.admitted(userID: "ann"))
        #expect(
            rig.takeLines() == [
                "3000 send READY", "3000 establish SUB as ann", "3000 2 in a run of 6",
            ]
        )
        rig.pass(.seconds(60))
        #expect(rig.takeLines() == [])
    }

    @Test func `a peer that is denied is told ZAP's status`() {
        var rig = Self.asking()
        _ = rig.takeLines()
        rig.handleVerdict(.denied)
        #expect(rig.takeLines() == ["0 send ERROR", "0 finish the stream"])
        #expect(rig.sent.suffix(3) == Array("400".utf8))
        rig.handleStreamClose()
        #expect(rig.takeLines() == ["0 closed: the authenticator denied the peer access"])
    }

    @Test func `an authenticator's lasting failure is told, a passing one is not`() {
        var rig = Self.asking()
        rig.handleVerdict(.failed)
        #expect(rig.sent.suffix(3) == Array("500".utf8))
        rig = Self.asking()
        _ = rig.takeLines()
        rig.handleVerdict(.tryLater)
        #expect(rig.takeLines() == ["0 abort the stream"])
    }

    @Test func `a verdict that comes too late changes nothing`() {
        var rig = Self.asking()
        _ = rig.takeLines()
        rig.pass(.seconds(6))
        #expect(rig.takeLines() == ["5000 abort the stream"])
        rig.handleVerdict(.admitted(userID: nil))
        rig.handleStreamClose()
        rig.handleVerdict(.admitted(userID: nil))
        #expect(rig.takeLines() == ["6000 closed: the handshake was not finished in time"])
    }

    @Test func `a verdict that nobody asked for changes nothing`() {
        var rig = SessionRig()
        rig.open()
        rig.handleVerdict(.denied)
        rig.receive(SessionRig.opening())
        rig.handleVerdict(.denied)
        #expect(rig.takeLines() == ["0 send greeting", "0 send READY", "0 establish SUB"])
    }

    // MARK: Commands

    @Test func `a PING is answered, and its time-to-live is held against the peer`() {
        var rig = SessionRig.established()
        rig.receive(Command.pingFrame(ttl: 20, context: [7, 8]))
        rig.pass(.seconds(3))
        #expect(rig.takeLines() == ["0 pong 07 08", "2000 abort the stream"])
        rig.handleStreamClose()
        #expect(rig.takeLines().last?.contains("heartbeat") == true)
    }

    @Test func `commands are the user's, but for the session's own`() {
        var rig = SessionRig.established()
        for name in ["SUBSCRIBE", "CANCEL", "JOIN", "LEAVE", "X-TREE", "PONG"] {
            rig.receive(Command.frame(name, [65]))
        }
        rig.receive(Command.readyFrame(Metadata()))
        #expect(
            rig.takeLines()
                == ["SUBSCRIBE", "CANCEL", "JOIN", "LEAVE", "X-TREE"].map { "0 command \($0)" }
        )
    }

    @Test func `an ERROR reaches the user before the close`() {
        var rig = SessionRig.established()
        rig.receive(Self.error + Self.message)
        rig.handleStreamClose()
        #expect(
            rig.takeLines() == [
                "0 command ERROR", "0 abort the stream", "0 closed: the peer refused: no",
            ]
        )
    }

    @Test func `what breaks the framing ends the session there`() {
        var rig = SessionRig.established()
        rig.receive(Self.message + [0x80] + Self.message)
        rig.handleStreamClose("reset")
        #expect(
            rig.takeLines() == [
                "0 1 in a run of 3", "0 abort the stream",
                "0 closed: a frame has reserved flags set (0x80)",
            ]
        )
    }
}
