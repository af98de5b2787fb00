import ZeroMQ

/// Waits until somebody listens: what is published before that reaches nobody.
struct SubscriberAwait: Sendable {
    /// How many subscriptions.
    var count: Int
    /// What will be published, if that is known: other subscriptions do not count.
    var topic: [UInt8]?

    func run(_ publisher: XPublisher, at place: AttachPoint) async throws {
        let notice = Task {
            try await Task.sleep(for: Self.patience)
            Diagnostics.report(
                "waiting for \(count == 1 ? "a subscriber" : "\(count) subscribers") at \(place.name) "
                    + "(--no-wait sends at once)"
            )
        }
        defer { notice.cancel() }
        var seen = 0
        while seen < count {
            if case .subscribed(let prefix) = try await publisher.receive(), matches(prefix) {
                seen += 1
            }
        }
    }

    /// Whether a subscription to that prefix is for what will be published.
    func matches(_ prefix: [UInt8]) -> Bool {
        topic?.starts(with: prefix) ?? true
    }

    private static let patience = Duration.milliseconds(500)
}
