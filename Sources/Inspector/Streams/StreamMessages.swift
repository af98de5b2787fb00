import DequeModule
import PGM

/// Puts a stream's packets in order for `MessageReader`.
///
/// In a stream without gaps, as on the bridge next to the source, a packet goes straight through and nothing is copied.
/// While a packet is missing, what comes after it is kept, up to a bound, until its repair comes, or cannot come any more.
struct StreamMessages {
    private struct Held {
        var place: Int
        var number: SequenceNumber
        var nanoseconds: Int64
        var isRepaired: Bool
        var isCut: Bool
        var payload: [UInt8]
    }

    private(set) var reader: MessageReader
    private var nextPlace: Int?
    private var held: Deque<Held> = []
    private(set) var heldByteCount = 0
    private let byteCountMax: Int

    init(options: StreamOptions) {
        reader = MessageReader(topicCountMax: options.topicCountMax)
        byteCountMax = options.reorderByteCountMax
    }

    var isWaiting: Bool { !held.isEmpty }

    /// A packet that this tap had not had before. `budget` is what all streams together may still keep.
    mutating func handle(
        _ payload: UnsafeRawBufferPointer,
        place: Int,
        number: SequenceNumber,
        isCut: Bool,
        isRepaired: Bool,
        at nanoseconds: Int64,
        budget: inout Int,
        sink: MessageReader.Sink?
    ) {
        let next = nextPlace ?? place
        if place == next {
            reader.handle(
                payload,
                isCut: isCut,
                number: number,
                isRepaired: isRepaired,
                at: nanoseconds,
                sink: sink
            )
            nextPlace = next + 1
            if !held.isEmpty { release(&budget, sink, at: nanoseconds) }
        } else if place > next {
            hold(
                Held(
                    place: place,
                    number: number,
                    nanoseconds: nanoseconds,
                    isRepaired: isRepaired,
                    isCut: isCut,
                    payload: Array(payload)
                ),
                &budget
            )
            while heldByteCount > byteCountMax || budget < 0, !held.isEmpty {
                skipGap()
                release(&budget, sink, at: nanoseconds)
            }
        }
    }

    /// Nothing before this place can come any more.
    mutating func giveUp(before place: Int, budget: inout Int, sink: MessageReader.Sink?) {
        while let next = nextPlace, next < place, let first = held.first {
            guard first.place > next else { return }
            if first.place > place { return }
            skipGap()
            release(&budget, sink, at: first.nanoseconds)
        }
    }

    /// The end of the capture, or of this counting: what is kept is read as far as it goes.
    mutating func finish(budget: inout Int, sink: MessageReader.Sink?) {
        while let first = held.first {
            skipGap()
            release(&budget, sink, at: first.nanoseconds)
        }
    }

    /// The source counts from elsewhere.
    mutating func restart(at place: Int, budget: inout Int, sink: MessageReader.Sink?) {
        finish(budget: &budget, sink: sink)
        reader.handleGap()
        nextPlace = place
    }

    private mutating func skipGap() {
        guard let first = held.first, let next = nextPlace, first.place > next else { return }
        reader.handleGap()
        nextPlace = first.place
    }

    private mutating func hold(_ packet: Held, _ budget: inout Int) {
        var index = held.count
        while index > 0, held[index - 1].place >= packet.place {
            if held[index - 1].place == packet.place { return }
            index -= 1
        }
        let count = packet.payload.count + Self.overheadByteCount
        heldByteCount += count
        budget -= count
        held.insert(packet, at: index)
    }

    /// Hands on what follows without a gap.
    private mutating func release(
        _ budget: inout Int,
        _ sink: MessageReader.Sink?,
        at nanoseconds: Int64
    ) {
        while let first = held.first, let next = nextPlace, first.place <= next {
            let packet = held.removeFirst()
            let count = packet.payload.count + Self.overheadByteCount
            heldByteCount -= count
            budget += count
            guard packet.place == next else { continue }
            packet.payload.withUnsafeBytes { payload in
                reader.handle(
                    payload,
                    isCut: packet.isCut,
                    number: packet.number,
                    isRepaired: packet.isRepaired,
                    // Whoever reads in order has it only now.
                    at: max(packet.nanoseconds, nanoseconds),
                    sink: sink
                )
            }
            nextPlace = next + 1
        }
    }

    private static let overheadByteCount = 96
}
