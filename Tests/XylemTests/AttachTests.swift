import Vocabulary
import ArgumentParser
import Testing
import Transports
import ZeroMQ

@testable import xylem

@Suite struct AttachTests {
    @Test func `an endpoint is taken as it is`() throws {
        let places = try AttachOptions.parse([]).places(["tcp://127.0.0.1:1"], side: .publishers)
        #expect(places == [AttachPoint(name: "tcp://127.0.0.1:1", endpoint: "tcp://127.0.0.1:1")])
    }

    @Test(arguments: ["foo://x", "inproc://x", "tcp://"])
    func `what cannot be reached is refused`(endpoint: String) throws {
        let options = try AttachOptions.parse([])
        let error = #expect(throws: CommandError.self) {
            try options.places([endpoint], side: .subscribers)
        }
        #expect(error?.code == .badInput)
        #expect(error?.message.contains(endpoint) == true)
    }

    @Test func `a name needs a fleet`() throws {
        let options = try AttachOptions.parse(["--state", "/nowhere/fleet.json"])
        let error = #expect(throws: CommandError.self) {
            try options.places(["oslo"], side: .publishers)
        }
        #expect(error?.message.contains("'oslo' is not an endpoint") == true)
        #expect(error?.message.contains("/nowhere/fleet.json") == true)
    }

    @Test func `a reason is told once, and so is the recovery`() throws {
        let endpoint = try Endpoint("tcp://127.0.0.1:1")
        var notices = AttachmentNotices(
            place: AttachPoint(name: "oslo", endpoint: "tcp://127.0.0.1:1")
        )
        let refused = SocketEvent.retrying(endpoint, reason: "refused", wait: .seconds(1))
        #expect(
            notices.notice(of: refused) == "oslo (tcp://127.0.0.1:1): refused; trying again"
        )
        #expect(notices.notice(of: refused) == nil)
        // What is tried again says why; the end of the connection before it says the same.
        let failure = HandshakeFailure.incompatibleSocketType(local: .xpub, peer: "XPUB")
        let end = SocketEvent.disconnected(
            peer: ConnectionEnds(connection: 1, local: "", remote: "127.0.0.1:1"),
            .handshake(failure)
        )
        let again = SocketEvent.retrying(endpoint, reason: "\(failure)", wait: .seconds(1))
        let told = [end, again, end, again].compactMap { notices.notice(of: $0) }
        #expect(
            told == [
                "oslo (tcp://127.0.0.1:1): an XPUB socket cannot talk to an XPUB socket; trying again"
            ]
        )
    }

    @Test func `who is refused and knocks again is told once`() {
        var notices = AttachmentNotices(connects: [], isBinding: true)
        let failure = HandshakeFailure.incompatibleSocketType(local: .rep, peer: "PUB")
        let knocks = ["10.0.0.7:50001", "10.0.0.7:50002", "10.0.0.8:50001"].map { remote in
            SocketEvent.disconnected(
                peer: ConnectionEnds(connection: 1, local: "", remote: remote),
                .handshake(failure)
            )
        }
        #expect(
            knocks.compactMap { notices.notice(of: $0) } == [
                "10.0.0.7:50001: a PUB socket cannot talk to a REP socket",
                "10.0.0.8:50001: a PUB socket cannot talk to a REP socket",
            ]
        )
    }

    @Test func `of several endpoints each is told once, and which of them came back`() throws {
        let texts = ["tcp://127.0.0.1:1", "tcp://127.0.0.1:2"]
        let endpoints = try texts.map { try Endpoint($0) }
        var notices = AttachmentNotices(connects: texts, isBinding: false)
        let refused = endpoints.map {
            SocketEvent.retrying($0, reason: "refused", wait: .seconds(1))
        }
        let peers = ["127.0.0.1:2", "127.0.0.1:1"].map { remote in
            SocketEvent.established(
                peer: ConnectionEnds(connection: 1, local: "", remote: remote),
                RemotePeer(socketType: .pull, minorVersion: 1)
            )
        }
        let rest = [peers[0], refused[0], peers[0], peers[1], .listening(endpoints[0])]
        let events = refused + refused + rest
        #expect(
            events.compactMap { notices.notice(of: $0) } == [
                "tcp://127.0.0.1:1: refused; trying again",
                "tcp://127.0.0.1:2: refused; trying again",
                "tcp://127.0.0.1:2: connected", "tcp://127.0.0.1:1: connected",
            ]
        )
    }
}
