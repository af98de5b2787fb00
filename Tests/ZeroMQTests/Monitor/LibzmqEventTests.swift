import SocketTestSupport
import Testing
import ZeroMQ

/// Each event of `zmq_socket_monitor` has one of ours.
@Suite(.sockets, .timeLimit(.minutes(3))) struct LibzmqEventTests {
    private static let ends = ConnectionEnds(connection: 1, local: "l:1", remote: "r:2")

    private static func number(_ reason: DisconnectReason) -> [UInt64] {
        let event = SocketEvent.disconnected(peer: ends, reason).libzmq
        return event.map { [$0.kind.rawValue] + $0.values } ?? []
    }

    /// `zmq.h`, `ZMQ_PROTOCOL_ERROR_…`; the status codes of RFC 27.
    @Test func `a failed handshake has libzmq's detail`() {
        let failures: [(HandshakeFailure, [UInt64])] = [
            (.timedOut, [0x800, 0]),
            (.abandoned("it left"), [0x800, 0]),
            (.refused(reason: "go away"), [0x800, 0]),
            (.unexpectedCommand("PING"), [0x2000, 0x1000_0001]),
            (.sameRole("CURVE", isServer: true), [0x2000, 0x1000_0001]),
            (.malformedCommand("HELLO"), [0x2000, 0x1000_0011]),
            (.malformedMetadata("cut short"), [0x2000, 0x1000_0018]),
            (.incompatibleSocketType(local: .pub, peer: "PUB"), [0x2000, 0x1000_0018]),
            (.cryptographic("a box"), [0x2000, 0x1100_0001]),
            (.mechanismMismatch(local: "NULL", peer: "CURVE"), [0x2000, 0x1100_0002]),
            (.notZMTP(firstOctet: 0x47), [0x2000, 0x1000_0000]),
            (.notAdmitted(.tryLater), [0x4000, 300]),
            (.notAdmitted(.denied), [0x4000, 400]),
            (.notAdmitted(.failed), [0x4000, 500]),
            (.refused(reason: "400"), [0x4000, 400]),
        ]
        for (failure, expected) in failures {
            #expect(Self.number(.handshake(failure)) == expected, "\(failure)")
        }
        #expect(Self.number(.peerClosed) == [0x200, 0])
        #expect(Self.number(.closedHere) == [0x80, 0])
    }

    @Test func `both addresses are told, as version 2 does`() async throws {
        let (replier, requester) = (Replier(), Requester())
        let (accepted, dialled) = (replier.events, requester.events)
        let endpoint = try await replier.bind("tcp://127.0.0.1:*")
        try await requester.connect(endpoint)
        func next(_ events: AsyncStream<SocketEvent>) async throws -> LibzmqEvent? {
            try await events.next("event") { _ in true }.libzmq
        }
        #expect(try await next(accepted) == LibzmqEvent(.listening, local: endpoint.description))
        let here = try #require(try await next(accepted))
        #expect(
            try await next(dialled) == LibzmqEvent(.connectDelayed, remote: endpoint.description)
        )
        let there = try #require(try await next(dialled))
        #expect(here.kind == .accepted && there.kind == .connected)
        #expect(here.local == endpoint.address && there.remote == endpoint.address)
        #expect(here.remote == there.local && here.remote.hasPrefix("127.0.0.1:"))
        #expect(try await next(accepted)?.kind == .handshakeSucceeded)
        #expect(try await next(dialled)?.kind == .handshakeSucceeded)
        try await replier.unbind(endpoint)
        #expect(try await next(accepted) == LibzmqEvent(.closed, local: endpoint.description))
        try await replier.closeInTime()
        #expect(try await next(dialled)?.kind == .disconnected)
        let retry = try #require(try await next(dialled))
        #expect(retry.kind == .connectRetried && retry.values.count == 1 && retry.values[0] > 0)
        try await requester.closeInTime()
    }

    @Test func `what cannot be bound is told, and thrown`() async throws {
        let (first, second) = (Puller(), Puller())
        let events = second.events
        let endpoint = try await first.bind("tcp://127.0.0.1:*")
        await #expect(throws: ZeroMQError.self) { try await second.bind(endpoint) }
        let event = try await events.next("event") { _ in true }
        #expect(event.libzmq == LibzmqEvent(.bindFailed, local: endpoint.description))
        #expect("\(event)".contains("in use"))
        try await first.closeInTime()
        try await second.closeInTime()
    }
}
