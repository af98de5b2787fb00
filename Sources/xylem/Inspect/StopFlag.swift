import Synchronization

/// The user's wish to end, asked for now and then by work that does not wait.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    func set() {
        flag.store(true, ordering: .relaxed)
    }

    var isSet: Bool { flag.load(ordering: .relaxed) }
}
