import Inspector
import Testing

/// What libzmq puts on the wire is read as its sockets meant it.
@Suite(.serialized, .enabled(if: LibzmqPeers.check(), "needs libzmq and a live capture"))
struct LibzmqSessionTests {
    @Test func `a subscription to libzmq is told in full`() throws {
        let session = try LibzmqPeers.inspect("NULL")
        #expect(session.opening == .seen)
        #expect(session.complaint == nil)
        let client = try #require(session.fromClient.zmtp)
        let server = try #require(session.fromServer.zmtp)
        #expect(client.version.hasPrefix("3.") && server.version.hasPrefix("3."))
        #expect(client.mechanism == "NULL")
        #expect(client.socketType == "SUB" && server.socketType == "XPUB")
        #expect(client.subscriptions.map(\.topic).sorted() == ["other", "wx."])
        #expect(client.cancelCount == 1)
        #expect(server.messageCount == 300)
        #expect(server.frameCount == 600)
        #expect(server.topics.map(\.text).sorted() == ["wx.0", "wx.1", "wx.2"])
        #expect(server.topics.map(\.count) == [100, 100, 100])
        let sizes = (0..<300).map { 4 + $0 * 7 % 900 }
        #expect(server.byteCount == sizes.reduce(0, +))
        #expect(server.byteCountMin == sizes.min() && server.byteCountMax == sizes.max())
        #expect(session.fromServer.tcp.missingByteCount == 0)
    }

    @Test func `under CURVE libzmq shows numbers and sizes`() throws {
        let session = try LibzmqPeers.inspect("CURVE")
        let server = try #require(session.fromServer.zmtp)
        #expect(server.mechanism == "CURVE" && server.isEncrypted && server.isReady)
        // A sealed frame for each frame.
        #expect(server.encryptedFrameCount == 600)
        #expect(server.messageCount == 0)
        #expect(session.fromClient.zmtp?.handshake == ["HELLO", "INITIATE"])
        #expect(server.handshake == ["WELCOME", "READY"])
        // Two subscriptions and a cancellation.
        #expect(session.fromClient.zmtp?.encryptedFrameCount == 3)
    }

    @Test func `libzmq's heartbeats are timed`() throws {
        let session = try LibzmqPeers.inspect("heartbeat")
        let client = try #require(session.fromClient.zmtp)
        let server = try #require(session.fromServer.zmtp)
        #expect(client.pingCount >= 3)
        #expect(server.pongCount >= 3)
        #expect(client.heartbeat.count >= 3)
        #expect(server.messageCount == 300)
    }
}
