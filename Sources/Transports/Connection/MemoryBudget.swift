import Synchronization

/// How much all queues of one owner may hold together, whatever loops they are on.
///
/// Each queue may hold what is left, or its own limit if that is less. So what one takes is missing for all, the largest goes
/// over first, and something is always left for the next: k queues that all grow end at a (k + 1)th of the whole each
/// (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998).
///
/// What is held are the messages' octets and their slack. A slice that several queues share counts for each of them: that errs on
/// the safe side, as `SlackBudget` does.
package final class MemoryBudget: Sendable {
    package let byteCountMax: Int
    private let held = Atomic<Int>(0)

    package init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    /// What is held now.
    package var byteCount: Int { held.load(ordering: .relaxed) }

    /// What one queue may hold now.
    var share: Int { max(0, byteCountMax - byteCount) }

    func add(_ byteCount: Int) {
        held.wrappingAdd(byteCount, ordering: .relaxed)
    }
}
