import NIOCore

/// Who waits to send to a peer, by the peer's address: for room in its queue, or for the peer itself where one is dialled under that address.
/// Confined to the socket's loop.
struct PeerWaits {
    private struct Wait {
        var id: UInt64
        var promise: EventLoopPromise<Void>
    }

    private var waits: [[UInt8]: [Wait]] = [:]
    private var nextID: UInt64 = 0

    /// Gives a number to cancel the wait by.
    mutating func append(_ address: [UInt8], _ promise: EventLoopPromise<Void>) -> UInt64 {
        nextID += 1
        waits[address, default: []].append(Wait(id: nextID, promise: promise))
        return nextID
    }

    /// Ends one wait that is still there.
    mutating func end(_ id: UInt64, at address: [UInt8]) {
        guard let index = waits[address]?.firstIndex(where: { $0.id == id }) else { return }
        waits[address]?.remove(at: index).promise.succeed()
        if waits[address]?.isEmpty == true { waits[address] = nil }
    }

    /// Whoever waits for that peer is to try again.
    mutating func settle(_ address: [UInt8]) {
        for wait in waits.removeValue(forKey: address) ?? [] { wait.promise.succeed() }
    }

    mutating func settleAll() {
        let all = waits
        waits = [:]
        for wait in all.values.joined() { wait.promise.succeed() }
    }
}
