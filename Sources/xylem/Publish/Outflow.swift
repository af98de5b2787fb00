import ZeroMQ

/// The way of messages out of this command: at their rate, counted.
final class Outflow {
    private let publisher: XPublisher
    private let pacer: Pacer?
    /// How many there will be, if that is known.
    private let expectedCount: Int?
    private var progress = ProgressLine()
    private let begin = ContinuousClock.now
    private(set) var messageCount = 0
    private(set) var byteCount = 0

    init(publisher: XPublisher, rate: Double, expectedCount: Int?) {
        self.publisher = publisher
        pacer = rate > 0 ? Pacer(rate: rate) : nil
        self.expectedCount = expectedCount
    }

    /// Makes a message when it is time, and sends it when there is room.
    func send(byteCount: Int, _ makeMessage: () -> Message) async throws {
        if let pacer { try await wait(pacer) }
        try await publisher.sendWaiting(makeMessage())
        messageCount += 1
        self.byteCount += byteCount
        if messageCount % Self.checkInterval == 0 {
            // A send that does not wait does not look whether the task is cancelled.
            try Task.checkCancellation()
            forgetNews()
            showProgress()
        }
    }

    /// What was sent, for a person.
    func summary() -> String {
        progress.clear()
        return "sent "
            + Figures.traffic(
                messageCount: messageCount,
                byteCount: byteCount,
                seconds: elapsed / .seconds(1)
            )
    }

    private func wait(_ pacer: Pacer) async throws {
        let nanoseconds = pacer.nanosecondsToWait(
            before: messageCount,
            elapsedNanoseconds: Int64(elapsed / .nanoseconds(1))
        )
        guard nanoseconds > 0 else { return }
        showProgress()
        try await Task.sleep(for: .nanoseconds(nanoseconds))
    }

    /// Subscriptions that come while we send are nothing to us, but must not pile up.
    private func forgetNews() {
        while publisher.tryReceive() != nil {}
    }

    private func showProgress() {
        progress.show(
            expectedCount.map {
                "\(Figures.exact(messageCount)) of \(Figures.exact($0)) sent"
            } ?? "\(Figures.exact(messageCount)) sent"
        )
    }

    private var elapsed: Duration { ContinuousClock.now - begin }

    private static let checkInterval = 256
}
