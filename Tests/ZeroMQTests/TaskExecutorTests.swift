import NIOCore
import SocketTestSupport
import Testing
import Transports

@testable import ZeroMQ

@Suite(.timeLimit(.minutes(1))) struct TaskExecutorTests {
    @Test func `a task may live where its sockets do`() async throws {
        let publisher = XPublisher(
            options: SocketOptions { $0.eventLoop = SharedEventLoops.group.next() }
        )
        try await within("messages") {
            try await withTaskExecutorPreference(publisher.taskExecutor) {
                try await Self.exchange(publisher)
            }
        }
    }

    @concurrent private static func exchange(_ publisher: XPublisher) async throws {
        #expect(publisher.home.inEventLoop)
        let subscriber = Subscriber()
        #expect(subscriber.home === publisher.home)
        try await subscriber.subscribe(to: "")
        try await subscriber.connect(try await publisher.bind("tcp://127.0.0.1:*").description)
        _ = try await publisher.receive()
        for number in 0..<1_000 {
            publisher.send(Message("\(number)"))
            #expect(try await subscriber.receive()[0].text == "\(number)")
            #expect(publisher.home.inEventLoop)
        }
        await subscriber.close()
        await publisher.close()
    }
}
