/// A first-in, first-out queue in a ring: the space of what was taken is used again.
struct Ring<Element: Sendable>: Sendable {
    private var storage: ContiguousArray<Element?> = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    var first: Element? { count == 0 ? nil : storage[head] }

    mutating func append(_ element: Element) {
        if count == storage.count { grow() }
        storage[(head + count) & (storage.count - 1)] = element
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = storage[head]
        storage[head] = nil
        head = (head + 1) & (storage.count - 1)
        count -= 1
        return element
    }

    /// Replaces the newest element.
    mutating func replaceLast(with element: Element) {
        guard count > 0 else { return }
        storage[(head + count - 1) & (storage.count - 1)] = element
    }

    var last: Element? { count == 0 ? nil : storage[(head + count - 1) & (storage.count - 1)] }

    private mutating func grow() {
        var larger = ContiguousArray<Element?>(repeating: nil, count: max(16, 2 * storage.count))
        for index in 0..<count { larger[index] = storage[(head + index) & (storage.count - 1)] }
        storage = larger
        head = 0
    }
}
