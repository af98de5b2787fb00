import Glibc
import Synchronization
import ZeroMQ

/// A subscriber at one node of the fleet, that counts what the demonstration sends.
final class DemoSubscriber: Sendable {
    let node: FleetState.Node
    private let topic: String
    private let socket: Subscriber
    private let state = Mutex(State())

    private struct State {
        var hasHeardProbe = false
        var tally = DeliveryTally()
    }

    init(node: FleetState.Node, topic: String) async throws(ZeroMQError) {
        self.node = node
        self.topic = topic
        socket = Subscriber()
        try await socket.connect(node.subscribers)
        try await socket.subscribe(to: topic)
    }

    var hasHeardProbe: Bool { state.withLock { $0.hasHeardProbe } }
    var receivedCount: Int { state.withLock { $0.tally.receivedCount } }
    var tally: DeliveryTally { state.withLock { $0.tally } }

    /// Counts until the task is cancelled.
    func run() async {
        let topicByteCount = topic.utf8.count
        while let first = try? await socket.receive() {
            // What has come with it needs no further wake-up.
            var next: Message? = first
            while let message = next {
                let arrival = DemoClock.now
                message[0].withUnsafeBytes { bytes in
                    guard let message = DemoMessage(bytes, topicByteCount: topicByteCount) else {
                        return
                    }
                    handle(message, at: arrival)
                }
                next = socket.tryReceive()
            }
        }
        await socket.close()
    }

    private func handle(_ message: DemoMessage, at arrival: UInt64) {
        state.withLock { state in
            switch message.kind {
            case .probe: state.hasHeardProbe = true
            case .counted:
                state.tally.handleArrival(
                    message.number,
                    latencyMicroseconds: (arrival &- message.sentAt) / 1_000
                )
            }
        }
    }
}

/// The clock that both ends of the demonstration read.
enum DemoClock {
    /// Nanoseconds of CLOCK_MONOTONIC.
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
