public import Wire

/// What is going to happen, earliest first. Events of one instant come in the order in which they were added: a run
/// that is repeated repeats exactly.
public struct EventQueue<Event: Sendable>: Sendable {
    private struct Entry: Sendable {
        var time: Instant
        var number: UInt64
        var event: Event

        func isBefore(_ other: Entry) -> Bool {
            time == other.time ? number < other.number : time < other.time
        }
    }

    /// A binary heap: the entry at `i` comes before those at `2i + 1` and `2i + 2`.
    private var heap: ContiguousArray<Entry> = []
    private var nextNumber: UInt64 = 0

    public init() {}

    public var isEmpty: Bool { heap.isEmpty }

    /// Of the earliest event.
    public var nextTime: Instant? { heap.first?.time }

    public mutating func add(_ event: Event, at time: Instant) {
        heap.append(Entry(time: time, number: nextNumber, event: event))
        nextNumber += 1
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Removes the earliest event.
    public mutating func next() -> (time: Instant, event: Event)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return (first.time, first.event) }
        heap[0] = last
        var parent = 0
        while true {
            var earliest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].isBefore(heap[earliest]) {
                earliest = child
            }
            guard earliest != parent else { break }
            heap.swapAt(parent, earliest)
            parent = earliest
        }
        return (first.time, first.event)
    }
}
