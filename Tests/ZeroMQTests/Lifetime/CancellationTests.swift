import NIOCore
import NIOPosix
import SocketTestSupport
import Testing

@testable import ZeroMQ

/// Whatever a task waits for, it can be cancelled, and the socket closed under it; nothing is left of either.
@Suite(.sockets, .timeLimit(.minutes(3))) struct CancellationTests {
    private enum Ending: CaseIterable {
        case cancellation, close
    }

    @Test(arguments: WaitingCall.all, Ending.allCases)
    private func `a call that waits ends, and leaves nothing`(
        waiting: WaitingCall,
        ending: Ending
    ) async throws {
        for watched in try await Self.end(waiting, by: ending) { try await watched.awaitRelease() }
    }

    /// Gives the sockets, which nobody has any more.
    private static func end(_ waiting: WaitingCall, by ending: Ending) async throws -> [Watched] {
        let (sockets, call) = try await waiting.prepare()
        let task = Task { try await call() }
        // Long enough for most to wait by then; how they end must not depend on it.
        try await Task.sleep(for: .milliseconds(2))
        switch ending {
        case .cancellation: task.cancel()
        case .close:
            try await sockets[0].closeInTime()
            if !waiting.endsWithSocket { task.cancel() }
        }
        let result = try await within("end of the call") { await task.result }
        switch (result, ending) {
        case (.success, _):
            #expect(waiting.isSequence || ending == .close)
        case (.failure(let error as ZeroMQError), .cancellation): #expect(error.code == .cancelled)
        case (.failure(let error as ZeroMQError), .close): #expect(error.code == .closed)
        case (.failure(let error), _): Issue.record(error)
        }
        for socket in sockets {
            try await socket.closeInTime()
            #expect(socket.hub.connections.isEmpty)
            #expect(socket.hub.boundEndpoints.isEmpty)
        }
        return sockets.map { Watched($0) }
    }

    @Test func `a cancelled task may still bind, connect and close`() async throws {
        let (puller, pusher) = (Puller(), Pusher())
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            let endpoint = try await puller.bind("inproc://bound by a cancelled task")
            try await pusher.connect(endpoint)
            #expect(pusher.trySend("x") == .queued)
            await pusher.close()
            return endpoint
        }
        let endpoint = try await within("end of the task") { try await task.value }
        // What was sent before the close has left.
        #expect(try await within("message") { try await puller.receive() } == "x")
        try await puller.closeInTime()
        let heir = Puller()
        try await heir.bind(endpoint)
        try await heir.closeInTime()
    }

    @Test func `a close that is cancelled still ends, within the linger`() async throws {
        let pusher = Pusher(options: SocketOptions { $0.linger = .milliseconds(50) })
        try await pusher.connect("inproc://nobody listens for this linger")
        try await pusher.send("x")
        let task = Task { await pusher.close() }
        task.cancel()
        try await within("close") { await task.value }
        #expect(pusher.trySend("x") == .closed)
    }

    /// The channels of a loop are all that keeps it from ending at once: with one left, `shutdownGracefully` would close it under its socket,
    /// which is told of that as of a failure.
    @Test func `sockets leave no channel on their loop, however they end`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let options = SocketOptions {
            $0.eventLoop = group.next()
            $0.linger = .zero
        }
        let log = RecordedLog()
        for round in 0..<20 {
            var near = options
            near.logger = log.logger("near")
            let (server, client) = (Router(options: near), Dealer(options: options))
            try await client.connect(
                try await server.bind(round.isMultiple(of: 2) ? "tcp://127.0.0.1:*" : "ipc://*")
            )
            let request = Task { try await client.request("x") }
            _ = try await within("request") { try await server.receive() }
            request.cancel()
            _ = await request.result
            try await client.closeInTime()
            try await server.closeInTime()
        }
        try await group.shutdownGracefully()
        #expect(log.lines.count { $0.contains("accepted") } == 20)
        #expect(log.lines.count { $0.contains("disconnected") } == 20)
        #expect(!log.contains("retrying"))
    }
}
