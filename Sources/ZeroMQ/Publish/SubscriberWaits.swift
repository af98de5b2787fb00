import NIOCore

/// Who waits for subscribers to be there. Confined to the publisher's loop, like the index it is asked about.
struct SubscriberWaits {
    struct ID: Hashable {
        fileprivate let number: UInt64
    }

    private struct Wait {
        var id: ID
        /// Subscribers, each counted once.
        var count: Int
        /// What will be published; `nil` counts whoever has any subscription.
        var topic: [UInt8]?
        var promise: EventLoopPromise<Void>
    }

    private var waits: [Wait] = []
    private var nextNumber: UInt64 = 0

    var isEmpty: Bool { waits.isEmpty }

    mutating func append(
        count: Int,
        topic: [UInt8]?,
        _ promise: EventLoopPromise<Void>
    ) -> ID {
        let id = ID(number: nextNumber)
        nextNumber += 1
        waits.append(Wait(id: id, count: count, topic: topic, promise: promise))
        return id
    }

    func contains(_ id: ID) -> Bool { waits.contains { $0.id == id } }

    /// Ends one wait that is still there.
    mutating func fail(_ id: ID, _ error: ZeroMQError) {
        guard let index = waits.firstIndex(where: { $0.id == id }) else { return }
        waits.remove(at: index).promise.fail(error)
    }

    mutating func failAll(_ error: ZeroMQError) {
        let all = waits
        waits = []
        for wait in all { wait.promise.fail(error) }
    }

    /// Ends the waits whose subscribers are there; `countSubscribers` says how many a topic has.
    mutating func settle(_ countSubscribers: ([UInt8]?) -> Int) {
        waits.removeAll { wait in
            guard countSubscribers(wait.topic) >= wait.count else { return false }
            wait.promise.succeed()
            return true
        }
    }
}
