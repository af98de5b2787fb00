import DataPlane
import NIOCore
import Patterns
import Routing

/// The messages of one tree's link at one relay, which its core names by numbers alone.
///
///     own     by own sequence: what our publishers sent, until it is safe
///     ring    by number: the recent past of the tree
///     tails   what others hold, for a new root; kept: what a parent-to-be sends ahead
struct LinkMessages {
    /// What came of a parent-to-be, and waits for the switch.
    enum Kept {
        case command(LinkCommand)
        case batch(BatchHeader, messageCount: Int, ByteBuffer)
    }

    var ring = RunStore()
    var own = RunStore()
    private var tails: [TailID: RunStore] = [:]
    private var kept: [ParentLinkID: [Kept]] = [:]
    let interest = LinkInterest()

    // MARK: - Into the ring

    /// Own messages take numbers. Gives how many of them have a sequence up to `sent`.
    mutating func enter(_ sequence: UInt64, _ numbers: LinkNumbers, sent: UInt64) -> Int {
        var (next, number, count) = (sequence, numbers.lowerBound, 0)
        for run in own.octets(of: sequence...(sequence + (numbers.upperBound - number))) {
            if next <= sent { count += min(run.messageCount, Int(sent - next) + 1) }
            ring.insert(run.octets, messageCount: run.messageCount, from: number)
            next += UInt64(run.messageCount)
            number += UInt64(run.messageCount)
        }
        return count
    }

    /// Puts in a batch's messages: those of `rest`.
    mutating func put(_ frames: ByteBuffer, of header: BatchHeader, onlyOf rest: BatchHeader) {
        guard rest.contained != header.contained else {
            return ring.insert(frames, under: header.contained)
        }
        var all = RunStore()
        all.insert(frames, under: header.contained)
        for part in rest.contained {
            all.forEachRun(in: part) { ring.insert($2, messageCount: $1, from: $0) }
        }
    }

    /// Puts in those messages of a parcel that have numbers. Gives how many that are.
    mutating func put(
        _ frames: ByteBuffer,
        of parcel: ParcelHeader,
        _ messageCount: Int,
        at places: [ParcelFate.Place]
    ) -> Int {
        guard !places.isEmpty else { return 0 }
        var all = RunStore()
        all.insert(frames, messageCount: messageCount, from: parcel.first)
        var count = 0
        for place in places {
            let last = place.sequence + (place.numbers.upperBound - place.numbers.lowerBound)
            var number = place.numbers.lowerBound
            for run in all.octets(of: place.sequence...last) {
                ring.insert(run.octets, messageCount: run.messageCount, from: number)
                number += UInt64(run.messageCount)
                count += run.messageCount
            }
        }
        return count
    }

    // MARK: - Aside

    mutating func keepTail(_ frames: ByteBuffer, of header: BatchHeader, as tail: TailID) {
        tails[tail, default: RunStore()].insert(frames, under: header.contained)
    }

    /// These numbers' messages are those that came with this tail. Gives how many that are.
    mutating func adopt(_ tail: TailID, _ numbers: LinkNumbers) -> Int {
        var count = 0
        tails[tail]?.forEachRun(in: numbers) {
            ring.insert($2, messageCount: $1, from: $0)
            count += $1
        }
        return count
    }

    mutating func forgetTails() {
        tails = [:]
    }

    mutating func keep(_ each: Kept, of id: ParentLinkID) {
        kept[id, default: []].append(each)
    }

    mutating func takeKept(_ id: ParentLinkID) -> [Kept] {
        kept.removeValue(forKey: id) ?? []
    }

    mutating func forgetKept(_ id: ParentLinkID, through position: LinkPosition) {
        kept[id]?.removeAll { each in
            switch each {
            case .command(.epoch(let root, _)): root.epoch <= position.epoch
            case .command: position.epoch == .max
            case .batch(let header, _, _):
                LinkPosition(epoch: header.epoch, number: header.numbers?.upperBound ?? 0)
                    <= position
            }
        }
    }

    mutating func forgetKeptBatches(_ id: ParentLinkID, from number: UInt64) {
        kept[id]?.removeAll { each in
            guard case .batch(let header, _, _) = each else { return false }
            return (header.numbers?.upperBound ?? 0) >= number
        }
    }

    // MARK: - Out

    /// A batch with what the child wants of its numbers.
    mutating func batch(_ header: BatchHeader, for child: SubscriberID) -> [LinkFrames] {
        var writer = BatchWriter(header)
        if let numbers = header.numbers, !header.isVoid {
            ring.forEachRun(in: numbers, wantedBy: child, of: interest) { writer.add($0, $1, $2) }
        }
        return writer.finish()
    }

    /// A batch of the past, with what begins with one of these topics.
    func past(_ header: BatchHeader, _ topics: [LinkTopic]) -> [LinkFrames] {
        var writer = BatchWriter(header)
        ring.forEachRun(in: header.numbers ?? 1...1) { first, _, octets in
            for stretch in LinkInterest.stretches(of: octets, wanting: topics) {
                writer.add(first + UInt64(stretch.before), stretch.messageCount, stretch.octets)
            }
        }
        return writer.finish()
    }

    /// A batch with all that it says is contained.
    func tail(_ header: BatchHeader) -> [LinkFrames] {
        var writer = BatchWriter(header)
        for part in header.contained { ring.forEachRun(in: part) { writer.add($0, $1, $2) } }
        return writer.finish()
    }
}
