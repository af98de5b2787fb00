import NIOCore
import NIOPosix
import PGM
import SocketTestSupport
import Testing
import Vocabulary

@testable import Transports

/// Sockets that the kernel ends while their endpoint is in use.
@Suite(.sockets, .timeLimit(.minutes(5))) struct FailedPortTests {
    /// Takes what a receiver hears.
    private final class Ear: MulticastReceiverHandler, Sendable {
        let texts: AsyncStream<String>
        private let continuation: AsyncStream<String>.Continuation

        init() {
            (texts, continuation) = AsyncStream.makeStream()
        }

        func receiver(
            _ receiver: MulticastReceiver,
            didReceive run: ByteBuffer,
            messageCount: Int,
            from source: MulticastPeer
        ) {
            var run = run
            while run.readInteger(as: UInt8.self) != nil,
                let length = run.readInteger(as: UInt8.self),
                let text = run.readString(length: Int(length))
            {
                continuation.yield(text)
            }
        }

        func receiver(_ receiver: MulticastReceiver, didLose loss: MulticastLoss) {
            continuation.yield("lost \(loss.packetCount)")
        }

        func receiverDidEndRead(_ receiver: MulticastReceiver) {}
    }

    /// A source and a receiver on one loop, and what is told of them.
    private struct Scene {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let ear = Ear()
        let source: MulticastSource
        let receiver: MulticastReceiver
        let events: AsyncStream<SocketEvent>

        init(_ endpoint: String) async throws {
            let (events, continuation) = AsyncStream<SocketEvent>.makeStream()
            self.events = events
            let link = try MulticastLink(Endpoint(endpoint), options: MulticastOptions())
            let (loop, ear) = (loop, ear)
            receiver = try await loop.submit {
                try MulticastReceiver(
                    link,
                    loop: loop,
                    handler: ear,
                    observe: { continuation.yield($0) }
                )
            }.get()
            source = try await loop.submit {
                try MulticastSource(link, loop: loop, observe: { continuation.yield($0) })
            }.get()
        }

        func send(_ text: String) async throws {
            try await loop.submit { Self.send(text, through: source) }.get()
        }

        static func send(_ text: String, through source: MulticastSource) {
            let run = ByteBuffer(bytes: [0, UInt8(text.utf8.count)] + Array(text.utf8))
            #expect(source.append(run, messageCount: 1, policy: .dropNewest) == .accepted)
            source.flush()
        }

        func hear(_ text: String) async throws {
            let ear = ear
            let heard = try await within("message '\(text)'") {
                for await text in ear.texts { return text }
                return "nothing"
            }
            #expect(heard == text)
        }

        func awaitEvent(
            _ text: String,
            _ isWanted: @escaping @Sendable (MulticastEvent) -> Bool
        )
            async throws
        {
            _ = try await events.next(text) {
                if case .multicast(_, let event) = $0 { isWanted(event) } else { false }
            }
        }

        func close() async throws {
            let (source, receiver) = (source, receiver)
            try await loop.submit {
                source.close()
                receiver.close()
            }.get()
        }
    }

    /// What NIO does when the kernel reports an error of the socket.
    private static func end(_ port: PacketPort?) {
        port?.channel?.close(promise: nil)
    }

    @Test func `a source opens another socket, and what it sent meanwhile is repaired`()
        async throws
    {
        let scene = try await Scene("epgm://lo;239.192.91.1:18201")
        try await scene.send("before")
        try await scene.hear("before")
        let source = scene.source
        try await scene.loop.submit { Self.end(source.ports.unicast) }.get()
        try await scene.awaitEvent("failure") { if case .interrupted = $0 { true } else { false } }
        let unsentCount = try await scene.loop.submit {
            // Whether it is open again by now or not; most often it is not.
            let isOpen = (source.ports.unicast?.descriptor ?? -1) >= 0
            Scene.send("during", through: source)
            return isOpen ? nil : source.unsentPacketCount
        }.get()
        if let unsentCount { #expect(unsentCount == 1) }
        try await scene.awaitEvent("new socket") { $0 == .reopened }
        try await scene.send("after")
        try await scene.hear("during")
        try await scene.hear("after")
        try await scene.close()
    }

    @Test func `a receiver opens another socket, and asks for what it missed`() async throws {
        let scene = try await Scene("epgm://lo;239.192.91.2:18202")
        try await scene.send("before")
        try await scene.hear("before")
        let (source, receiver) = (scene.source, scene.receiver)
        try await scene.loop.submit {
            Self.end(receiver.ports.first)
            Scene.send("during", through: source)
        }.get()
        try await scene.awaitEvent("failure") { if case .interrupted = $0 { true } else { false } }
        try await scene.awaitEvent("new socket") { $0 == .reopened }
        try await scene.send("after")
        try await scene.hear("during")
        try await scene.hear("after")
        try await scene.close()
    }

    @Test func `what is closed stays closed`() async throws {
        let scene = try await Scene("epgm://lo;239.192.91.3:18203")
        let source = scene.source
        let port = try #require(try await scene.loop.submit { source.ports.unicast }.get())
        try await scene.loop.submit { Self.end(port) }.get()
        try await scene.awaitEvent("failure") { if case .interrupted = $0 { true } else { false } }
        try await scene.close()
        #expect(try await scene.loop.submit { port.descriptor }.get() == -1)
    }
}
