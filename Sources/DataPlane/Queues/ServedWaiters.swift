/// Waiters and what they are given, once the lock is free. There is hardly ever more than one, and one costs no
/// allocation.
struct ServedWaiters {
    private var first: (Mailbox.Waiters.Waiter, Mailbox.Item)?
    private var others: [(Mailbox.Waiters.Waiter, Mailbox.Item)] = []
    var relief = Relief()

    mutating func append(_ waiter: Mailbox.Waiters.Waiter, _ item: Mailbox.Item) {
        if first == nil { first = (waiter, item) } else { others.append((waiter, item)) }
    }

    func resume() {
        first?.0.resume(returning: .item(first.unsafelyUnwrapped.1))
        for (waiter, item) in others { waiter.resume(returning: .item(item)) }
        relief.tell()
    }
}
