import DequeModule
package import NIOCore
package import Patterns
import Transports
import Wire

/// Messages by number, as the runs in which they came: what a tree link's core names by numbers alone.
///
///     3 … 40 [run]   41 [run]   44 … 99 [run] …        ascending; what is between was of no interest here
///
/// A run is a slice of what was read, and pins that. One that is small against its buffer is copied, so that what is pinned stays in
/// proportion to what is held (tree-link.md, §9). Large runs are cut, so that whoever takes some of it need not walk far.
package struct RunStore: Sendable {
    package struct Run: Sendable {
        package var first: UInt64
        package var messageCount: Int
        package var buffer: ByteBuffer
        /// Which of it is whose, for children that take some of it.
        var stretches: Stretches?

        package var last: UInt64 { first + UInt64(messageCount) - 1 }
    }

    /// Neighbours that the same children want.
    struct Stretches: Sendable {
        struct Stretch: Sendable {
            var messageCount: Int
            var octets: Range<Int>
            /// `nil`: nobody wants them.
            var terminal: TerminalID?
        }

        /// Of the interest it was made with.
        var generation: UInt64
        var list: [Stretch]
    }

    private var runs: Deque<Run> = []

    package init() {}

    package var isEmpty: Bool { runs.isEmpty }
    /// How many octets of messages there are.
    package private(set) var byteCount = 0

    // MARK: - Growing

    /// Puts in whole messages, the first under the number `first`. None of the numbers may be there.
    package mutating func insert(_ buffer: ByteBuffer, messageCount: Int, from first: UInt64) {
        guard messageCount > 0 else { return }
        byteCount += buffer.readableBytes
        guard buffer.readableBytes > Self.runByteCountMax, messageCount > 1 else {
            return put(Run(first: first, messageCount: messageCount, buffer: Self.tight(buffer)))
        }
        for part in Self.cut(buffer) {
            let run = Run(
                first: first + UInt64(part.before),
                messageCount: part.count,
                buffer: part.buffer
            )
            put(run)
        }
    }

    /// Puts in the messages of a buffer under several stretches of numbers, in order.
    package mutating func insert(_ buffer: ByteBuffer, under numbers: [ClosedRange<UInt64>]) {
        guard numbers.count != 1 else {
            let count = Int(numbers[0].upperBound - numbers[0].lowerBound + 1)
            return insert(buffer, messageCount: count, from: numbers[0].lowerBound)
        }
        var rest = buffer
        for part in numbers {
            let count = Int(part.upperBound - part.lowerBound + 1)
            let octetCount = rest.withUnsafeReadableBytes {
                MessageWalker.byteCount(ofFirst: count, in: $0)
            }
            insert(rest.slice(0..<octetCount), messageCount: count, from: part.lowerBound)
            rest.moveReaderIndex(forwardBy: octetCount)
        }
    }

    private mutating func put(_ run: Run) {
        guard let last = runs.last, last.first > run.first else { return runs.append(run) }
        runs.insert(run, at: place(of: run.first))
    }

    private static func cut(
        _ buffer: ByteBuffer
    ) -> [(before: Int, count: Int, buffer: ByteBuffer)] {
        var parts: [(before: Int, count: Int, buffer: ByteBuffer)] = []
        buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            var (start, before, count) = (0, 0, 0)
            while walker.next() {
                if count > 0, walker.end - start > runByteCountMax {
                    parts.append((before, count, buffer.slice(start..<walker.start)))
                    (start, before, count) = (walker.start, before + count, 0)
                }
                count += 1
            }
            parts.append((before, count, buffer.slice(start..<walker.end)))
        }
        return parts
    }

    private static func tight(_ buffer: ByteBuffer) -> ByteBuffer {
        guard buffer.storageCapacity > 2 * buffer.readableBytes + 128 else { return buffer }
        return ByteBuffer(buffer: buffer, trimmed: ())
    }

    // MARK: - Shrinking

    package mutating func remove(through number: UInt64) {
        while let run = runs.first, run.first <= number {
            guard run.last <= number else {
                return shorten(at: 0, droppingFirst: Int(number - run.first) + 1)
            }
            byteCount -= run.buffer.readableBytes
            runs.removeFirst()
        }
    }

    package mutating func remove(after number: UInt64) {
        while let run = runs.last, run.last > number {
            byteCount -= run.buffer.readableBytes
            runs.removeLast()
            guard run.first <= number else { continue }
            let count = Int(number - run.first) + 1
            let kept = run.buffer.slice(0..<Self.byteCount(ofFirst: count, in: run.buffer))
            byteCount += kept.readableBytes
            runs.append(Run(first: run.first, messageCount: count, buffer: kept))
        }
    }

    private mutating func shorten(at place: Int, droppingFirst count: Int) {
        let octetCount = Self.byteCount(ofFirst: count, in: runs[place].buffer)
        byteCount -= octetCount
        runs[place].first += UInt64(count)
        runs[place].messageCount -= count
        runs[place].buffer.moveReaderIndex(forwardBy: octetCount)
        runs[place].stretches = nil
    }

    // MARK: - Taking

    /// Calls `body` with the first number, the count and the octets of each stretch of whole messages of `numbers`, in order.
    package func forEachRun(
        in numbers: ClosedRange<UInt64>,
        _ body: (_ first: UInt64, _ messageCount: Int, _ octets: ByteBuffer) -> Void
    ) {
        var place = self.place(of: numbers.lowerBound)
        while place < runs.count, runs[place].first <= numbers.upperBound {
            let run = runs[place]
            place += 1
            let (skipped, count) = Self.overlap(run, numbers)
            guard count < run.messageCount else {
                body(run.first, count, run.buffer)
                continue
            }
            let start = Self.byteCount(ofFirst: skipped, in: run.buffer)
            let end = Self.byteCount(ofFirst: skipped + count, in: run.buffer)
            body(run.first + UInt64(skipped), count, run.buffer.slice(start..<end))
        }
    }

    /// The messages of one stretch of numbers of which all are here, as one buffer when they lie in one.
    package func octets(
        of numbers: ClosedRange<UInt64>
    ) -> [(messageCount: Int, octets: ByteBuffer)] {
        var found: [(messageCount: Int, octets: ByteBuffer)] = []
        forEachRun(in: numbers) { found.append(($1, $2)) }
        return found
    }

    /// How many of the run's messages come before `numbers`, and how many are in it.
    private static func overlap(_ run: Run, _ numbers: ClosedRange<UInt64>) -> (Int, Int) {
        let first = max(run.first, numbers.lowerBound)
        let last = min(run.last, numbers.upperBound)
        return (Int(first - run.first), Int(last - first) + 1)
    }

    static func byteCount(ofFirst messageCount: Int, in buffer: ByteBuffer) -> Int {
        buffer.withUnsafeReadableBytes {
            MessageWalker.byteCount(ofFirst: messageCount, in: $0)
        }
    }

    /// Of the first run that ends at or behind the number.
    private func place(of number: UInt64) -> Int {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].last < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static let runByteCountMax = 128 << 10
}

// MARK: - For children

extension RunStore {
    /// Calls `body` with what of `numbers` the child wants: neighbours in one piece.
    package mutating func forEachRun(
        in numbers: ClosedRange<UInt64>,
        wantedBy child: SubscriberID,
        of interest: LinkInterest,
        _ body: (_ first: UInt64, _ messageCount: Int, _ octets: ByteBuffer) -> Void
    ) {
        guard !interest.isEverything(for: child) else { return forEachRun(in: numbers, body) }
        var place = self.place(of: numbers.lowerBound)
        while place < runs.count, runs[place].first <= numbers.upperBound {
            interest.sort(&runs[place])
            let run = runs[place]
            place += 1
            let (skipped, count) = Self.overlap(run, numbers)
            Self.forEachStretch(of: run, skipping: skipped, count, child, interest, body)
        }
    }

    private static func forEachStretch(
        of run: Run,
        skipping skipped: Int,
        _ count: Int,
        _ child: SubscriberID,
        _ interest: LinkInterest,
        _ body: (_ first: UInt64, _ messageCount: Int, _ octets: ByteBuffer) -> Void
    ) {
        var before = 0
        for stretch in run.stretches?.list ?? [] {
            let start = max(before, skipped)
            let end = min(before + stretch.messageCount, skipped + count)
            defer { before += stretch.messageCount }
            guard start < end, let terminal = stretch.terminal,
                interest.isWanted(terminal, by: child)
            else { continue }
            var octets = run.buffer.slice(stretch.octets)
            if end - start < stretch.messageCount {
                let from = byteCount(ofFirst: start - before, in: octets)
                let to = byteCount(ofFirst: end - before, in: octets)
                octets = octets.slice(from..<to)
            }
            body(run.first + UInt64(start), end - start, octets)
        }
    }
}
