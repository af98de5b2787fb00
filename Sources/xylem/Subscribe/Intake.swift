import NIOCore
import Synchronization
import Transports
import ZeroMQ

/// The way of messages from one place to standard output, counted.
final class Intake: Sendable {
    let place: AttachPoint
    let subscriber: Subscriber
    private let format: MessageFormat
    private let output: StandardOutput
    private let isOneOfSeveral: Bool
    private let state = Mutex(State())

    private struct State {
        var tally = Tally()
        var begin: ContinuousClock.Instant?
        var end: ContinuousClock.Instant?
    }

    init(
        place: AttachPoint,
        subscriber: Subscriber,
        format: MessageFormat,
        output: StandardOutput,
        isOneOfSeveral: Bool
    ) {
        self.place = place
        self.subscriber = subscriber
        self.format = format
        self.output = output
        self.isOneOfSeveral = isOneOfSeveral
    }

    /// Receives until `limit` messages are there, nobody reads the output any more, or the task is cancelled.
    @concurrent func run(limit: Int?) async throws {
        var buffer: [UInt8] = []
        var left = limit ?? .max
        // What was counted must also have been printed.
        defer { _ = output.write(&buffer) }
        while left > 0 {
            let message: Message
            if let ready = subscriber.tryReceive() {
                message = ready
            } else {
                guard output.write(&buffer) else { return }
                message = try await subscriber.receive()
            }
            handle(message, &buffer)
            left -= 1
            if buffer.count >= Self.bufferByteCountMax {
                guard output.write(&buffer) else { return }
            }
            if left % Self.checkInterval == 0 { try Task.checkCancellation() }
        }
    }

    var tally: Tally { state.withLock { $0.tally } }

    /// What arrived, for a person; a line for the place and one for each load.
    func summary() -> String {
        let state = state.withLock { $0 }
        let tally = state.tally
        let seconds = zip(state.begin, state.end).map { ($1 - $0) / .seconds(1) } ?? 0
        let traffic = Figures.traffic(
            messageCount: tally.messageCount,
            byteCount: tally.byteCount,
            seconds: seconds
        )
        let heading = isOneOfSeveral ? "\(place.name): " : ""
        return ([heading + "received " + traffic] + tally.loads.map { "  " + $0.summary })
            .joined(separator: "\n")
    }

    private func handle(_ message: Message, _ buffer: inout [UInt8]) {
        let load = LoadMessage(message)
        let now = load == nil ? 0 : WallClock.nanoseconds()
        let byteCount = message.byteCount
        state.withLock { state in
            let moment = ContinuousClock.now
            if state.begin == nil { state.begin = moment }
            state.end = moment
            state.tally.handle(byteCount: byteCount, load: load, at: now)
        }
        guard format != .quiet else { return }
        let delay = load.map { now > $0.sentAt ? now - $0.sentAt : 0 } ?? 0
        format.append(
            message,
            load: load,
            delay: delay,
            place: isOneOfSeveral ? place.name : nil,
            to: &buffer
        )
    }

    private static let bufferByteCountMax = 64 << 10
    private static let checkInterval = 1_024
}

extension LoadMessage {
    /// The record of a message of one frame.
    init?(_ message: Message) {
        let frame = message[0]
        guard message.count == 1, let record = frame.withUnsafeBytes({ LoadMessage(frame: $0) })
        else { return nil }
        self = record
    }
}

private func zip<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
    if let a, let b { (a, b) } else { nil }
}
