import Foundation
import SocketTestSupport
import Testing
import ZeroMQ

/// Waiting for several sockets and descriptors at once.
@Suite(.sockets, .timeLimit(.minutes(3))) struct PollerTests {
    @Test func `what has a message is told until it is taken`() async throws {
        let pullers = [Puller(), Puller()]
        let pusher = Blocking(Pusher())
        try await onThread {
            let poller = Poller()
            for (index, puller) in pullers.enumerated() {
                try Blocking(puller).bind("inproc://polled \(index)")
                try poller.add(puller)
            }
            #expect(try poller.wait(timeout: .zero).isEmpty)
            #expect(try poller.wait(timeout: .milliseconds(5)).isEmpty)
            try pusher.connect("inproc://polled 1")
            for _ in 0..<2 { try pusher.send("x") }
            // Level and not edge: one event for each wait, and two messages.
            for _ in 0..<2 {
                let events = try poller.wait(timeout: .seconds(9))
                #expect(events.count == 1 && events[0].socket === pullers[1])
                #expect(events[0].readiness == .receive)
                #expect(try Blocking(pullers[1]).receive() == "x")
            }
            #expect(try poller.wait(timeout: .zero).isEmpty)
            // A close makes ready, too.
            Blocking(pullers[0]).close()
            #expect(try poller.wait().first?.socket === pullers[0])
            poller.remove(pullers[0])
            #expect(try poller.wait(timeout: .zero).isEmpty)
            for socket in [pullers[1], pusher.socket] as [Socket] { Blocking(socket).close() }
        }
    }

    @Test func `room is told of, and the want of it`() async throws {
        let options = SocketOptions {
            $0.queueLimit = QueueLimit(messageCount: 4)
            $0.linger = .zero
        }
        let (pusher, puller) = (Pusher(options: options), Puller())
        try await onThread {
            let poller = Poller()
            try poller.add(pusher, for: .send)
            #expect(try poller.wait(timeout: .zero).isEmpty)
            try Blocking(pusher).connect("inproc://polled for room")
            #expect(try poller.wait(timeout: .seconds(9)).first?.readiness == .send)
            var sentCount = 0
            while try !poller.wait(timeout: .zero).isEmpty, pusher.trySend("x") == .queued {
                sentCount += 1
            }
            #expect(sentCount == 4)
            #expect(try poller.wait(timeout: .zero).isEmpty)
            // A thread that waits for room is woken by a peer that comes.
            try Blocking(puller).bind("inproc://polled for room")
            #expect(try poller.wait(timeout: .seconds(9)).first?.socket === pusher)
            Blocking(pusher).close()
            #expect(try poller.wait(timeout: .zero).count == 1)
            Blocking(puller).close()
        }
    }

    @Test func `descriptors and sockets are waited for together`() async throws {
        let dealer = Dealer()
        try await onThread {
            let pipe = Pipe()
            let (reading, writing) = (
                pipe.fileHandleForReading.fileDescriptor, pipe.fileHandleForWriting.fileDescriptor
            )
            let poller = Poller()
            try poller.add(dealer, for: [.receive, .send])
            poller.add(descriptor: reading)
            poller.add(descriptor: writing, for: .send)
            #expect(try poller.wait().map(\.descriptor) == [writing])
            pipe.fileHandleForWriting.write(Data([1]))
            poller.remove(descriptor: writing)
            let events = try poller.wait()
            #expect(events.map(\.descriptor) == [reading])
            #expect(events.map(\.readiness) == [.receive])
            try Blocking(dealer).bind("inproc://polled with a pipe")
            let other = Blocking(Dealer())
            try other.connect("inproc://polled with a pipe")
            poller.remove(descriptor: reading)
            #expect(try poller.wait(timeout: .seconds(9)).first?.readiness == .send)
            try other.send("x")
            try poller.add(dealer, for: .receive)
            #expect(try poller.wait(timeout: .seconds(9)).first?.readiness == .receive)
            for socket in [dealer, other.socket] { Blocking(socket).close() }
        }
    }

    @Test func `a pattern that does not receive cannot be waited for`() async throws {
        let poller = Poller()
        let (pusher, puller) = (Pusher(), Puller())
        #expect(throws: ZeroMQError.self) { try poller.add(pusher, for: .receive) }
        #expect(throws: ZeroMQError.self) { try poller.add(puller, for: [.receive, .send]) }
        #expect(throws: ZeroMQError.self) { try pusher.readinessDescriptor() }
        #expect(try await onThread { try poller.wait(timeout: .zero).count } == 0)
        try await pusher.closeInTime()
        try await puller.closeInTime()
    }
}
