import Synchronization
import ZeroMQ

/// Waits until somebody listens, at sockets whose messages reach nobody before: PUB, XPUB and RADIO.
final class ListenerAwait: Sendable {
    /// How many must listen.
    private let count: Int
    /// How many do. Waits itself where it can.
    private let listeners: @Sendable (_ count: Int) async throws -> Void
    /// `subscriber` or `dish`.
    private let noun: String
    private let hasBegun = Mutex(false)

    private init(
        count: Int,
        noun: String,
        _ listeners: @escaping @Sendable (_ count: Int) async throws -> Void
    ) {
        self.count = count
        self.noun = noun
        self.listeners = listeners
    }

    /// For subscriptions of any topic.
    static func subscribers(_ count: Int, of socket: PublishingSocket) -> ListenerAwait {
        ListenerAwait(count: count, noun: "subscriber") { count in
            try await socket.waitForSubscribers(count)
        }
    }

    /// For dishes in that group, or in any if it is `nil`.
    static func dishes(_ count: Int, in group: Frame?, of socket: Radio) -> ListenerAwait {
        ListenerAwait(count: count, noun: "dish") { count in
            func memberCount() async -> Int {
                guard let group else { return await socket.memberCount() }
                return await socket.memberCount(of: group)
            }
            while await memberCount() < count { try await Task.sleep(for: .milliseconds(20)) }
        }
    }

    /// Returns at once when it has returned before.
    func run() async throws {
        let isFirst = hasBegun.withLock { hasBegun in
            defer { hasBegun = true }
            return !hasBegun
        }
        guard isFirst else { return }
        let subject =
            count == 1 ? "a \(noun)" : Figures.plural(count, noun, noun == "dish" ? "dishes" : nil)
        let notice = Task {
            try await Task.sleep(for: Self.patience)
            Diagnostics.report("waiting for \(subject) (--no-wait sends at once)")
        }
        defer { notice.cancel() }
        try await listeners(count)
    }

    private static let patience = Duration.milliseconds(500)
}
