/// The numbers of one source between the next one to deliver and the newest one known (RFC 3208 §3.4).
///
///     next                                        lead
///     ──┼──────────┬──────┬─────────┬──────────────┼────▶
///       │ missing  │ held │ missing │ held         │ not known
///
/// A missing number is in one of three lists, by what is awaited next:
///
///                     back-off due: NAK                 NCF heard
///     missing ─▶ backOff ───────────▶ awaitConfirmation ─────────▶ awaitData ─▶ held, or lost
///                  ▲                        │ late                     │ late
///                  └────────────────────────┴──────────────────────────┘
///
/// A ring that is indexed by the number; it grows with the gap up to its bound. Packets that come in order touch none of
/// it.
struct ReceiveWindow: Sendable {
    enum Phase: UInt8, Sendable {
        case backOff = 0
        case awaitConfirmation = 1
        case awaitData = 2
        case held
        case lost

        var isMissing: Bool { rawValue <= Phase.awaitData.rawValue }
    }

    struct Slot: Sendable {
        var deadline: Int64 = 0
        /// When the gap was seen.
        var missingSince: Int64 = 0
        /// Neighbours in the list of its phase.
        var previous: UInt32 = 0
        var following: UInt32 = 0
        var confirmationRetryCount: UInt16 = 0
        var dataRetryCount: UInt16 = 0
        var deferralCount: UInt8 = 0
        var phase = Phase.lost
    }

    struct List: Sendable {
        var head: UInt32 = 0
        var tail: UInt32 = 0
        var count = 0
    }

    /// What the window does with a packet.
    enum Acceptance {
        case next
        case held
        case duplicate
        case tooOld
        case beyondWindow
    }

    private var slots: ContiguousArray<Slot>
    private var mask: UInt32
    private(set) var next: SequenceNumber
    private(set) var lead: SequenceNumber
    let countMax: Int
    private var backOff = List()
    private var awaitConfirmation = List()
    private var awaitData = List()

    /// `countMax` is a power of two.
    init(next: SequenceNumber, countMax: Int) {
        self.next = next
        lead = next - 1
        self.countMax = countMax
        let capacity = min(64, countMax)
        slots = ContiguousArray(repeating: Slot(), count: capacity)
        mask = UInt32(capacity - 1)
    }

    /// Numbers between next and lead, both included.
    var count: Int { lead.distance(from: next) + 1 }
    var isEmpty: Bool { lead.distance(from: next) < 0 }
    var missingCount: Int { backOff.count + awaitConfirmation.count + awaitData.count }
    /// Numbers that were asked for and have not come.
    var outstandingCount: Int { awaitConfirmation.count + awaitData.count }

    /// When a list has work; `Int64.max` when it is empty.
    func deadline(of phase: Phase) -> Int64 {
        let list = list(phase)
        return list.count == 0 ? Int64.max : slots[Int(list.head & mask)].deadline
    }

    func count(of phase: Phase) -> Int { list(phase).count }

    func contains(_ number: SequenceNumber) -> Bool {
        number.distance(from: next) >= 0 && lead.distance(from: number) >= 0
    }

    /// The phase of a number between `next` and `lead`.
    func phase(of number: SequenceNumber) -> Phase { slots[Int(number.rawValue & mask)].phase }

    // MARK: - Data

    /// The fast path: taken by every packet while nothing is missing.
    @inline(__always)
    mutating func takeInOrder(_ number: SequenceNumber) -> Bool {
        guard number == next, lead.rawValue &+ 1 == number.rawValue else { return false }
        lead = number
        next = number + 1
        return true
    }

    /// Takes a packet in: gaps before it become missing, with this back-off. When it is the next one and `mayDeliver`,
    /// `next` steps over it.
    mutating func take(
        _ number: SequenceNumber,
        mayDeliver: Bool,
        gapDeadline: Int64,
        at now: Int64
    ) -> Acceptance {
        let distance = number.distance(from: next)
        guard distance >= 0 else { return .tooOld }
        guard distance < countMax else { return .beyondWindow }
        if number.isAfter(lead) {
            extend(to: number - 1, deadline: gapDeadline, at: now)
            reserve(distance + 1)
            lead = number
        } else {
            switch phase(of: number) {
            case .held: return .duplicate
            case .lost: break
            case .backOff, .awaitConfirmation, .awaitData: unlink(number)
            }
        }
        if distance == 0, mayDeliver {
            next = number + 1
            return .next
        }
        slots[Int(number.rawValue & mask)] = Slot(phase: .held)
        return .held
    }

    /// Numbers up to `newLead` exist: those not seen are missing. The caller keeps it within the window.
    mutating func extend(to newLead: SequenceNumber, deadline: Int64, at now: Int64) {
        let steps = newLead.distance(from: lead)
        guard steps > 0 else { return }
        reserve(newLead.distance(from: next) + 1)
        for _ in 0..<steps {
            lead = lead + 1
            slots[Int(lead.rawValue & mask)] = Slot(missingSince: now)
            link(lead, .backOff, deadline: deadline)
        }
    }

    /// A payload was computed from parity.
    mutating func hold(_ number: SequenceNumber) {
        guard contains(number), phase(of: number) != .held else { return }
        if phase(of: number).isMissing { unlink(number) }
        slots[Int(number.rawValue & mask)] = Slot(phase: .held)
    }

    // MARK: - Progress

    /// What comes after `next` without a gap: a run of held numbers, or of lost ones. Steps over it.
    mutating func advance() -> (range: SequenceRange, isHeld: Bool)? {
        guard !isEmpty else { return nil }
        let phase = phase(of: next)
        guard !phase.isMissing else { return nil }
        let first = next
        var count = 0
        while !isEmpty, self.phase(of: next) == phase {
            next = next + 1
            count += 1
        }
        return (SequenceRange(first: first, count: count), phase == .held)
    }

    /// Gives up what is missing before `number`; `advance()` then reports it.
    mutating func giveUp(before number: SequenceNumber) {
        var current = next
        while number.isAfter(current), contains(current) {
            if phase(of: current).isMissing { giveUp(current) }
            current = current + 1
        }
    }

    mutating func giveUp(_ number: SequenceNumber) {
        unlink(number)
        slots[Int(number.rawValue & mask)].phase = .lost
    }

    /// Steps over numbers behind the lead that will never come; everything before has been advanced over.
    mutating func skip(to number: SequenceNumber) -> SequenceRange? {
        let count = number.distance(from: next)
        guard isEmpty, count > 0 else { return nil }
        let range = SequenceRange(first: next, count: count)
        next = number
        lead = number - 1
        return range
    }

    // MARK: - Lists

    /// The number of a list that is due first, when it is due.
    func firstDue(_ phase: Phase, at now: Int64) -> SequenceNumber? {
        let list = list(phase)
        guard list.count > 0, slots[Int(list.head & mask)].deadline <= now else { return nil }
        return SequenceNumber(list.head)
    }

    /// Moves a missing number to another list, or to another time in its own.
    mutating func move(_ number: SequenceNumber, to phase: Phase, deadline: Int64) {
        unlink(number)
        link(number, phase, deadline: deadline)
    }

    /// The slot of a missing number. Changes to it must leave phase and deadline alone: the lists depend on them.
    subscript(number: SequenceNumber) -> Slot {
        _read { yield slots[Int(number.rawValue & mask)] }
        _modify { yield &slots[Int(number.rawValue & mask)] }
    }

    private func list(_ phase: Phase) -> List {
        switch phase {
        case .backOff: backOff
        case .awaitConfirmation: awaitConfirmation
        case .awaitData: awaitData
        case .held, .lost: List()
        }
    }

    private mutating func setList(_ phase: Phase, _ list: List) {
        switch phase {
        case .backOff: backOff = list
        case .awaitConfirmation: awaitConfirmation = list
        case .awaitData: awaitData = list
        case .held, .lost: break
        }
    }

    private mutating func unlink(_ number: SequenceNumber) {
        let slot = slots[Int(number.rawValue & mask)]
        guard slot.phase.isMissing else { return }
        var list = list(slot.phase)
        let isHead = list.head == number.rawValue
        let isTail = list.tail == number.rawValue
        if isHead {
            list.head = slot.following
        } else {
            slots[Int(slot.previous & mask)].following = slot.following
        }
        if isTail {
            list.tail = slot.previous
        } else {
            slots[Int(slot.following & mask)].previous = slot.previous
        }
        list.count -= 1
        setList(slot.phase, list)
    }

    /// Inserts by deadline, from the end: most come last, for most deadlines are a constant from now.
    private mutating func link(_ number: SequenceNumber, _ phase: Phase, deadline: Int64) {
        var list = list(phase)
        let index = Int(number.rawValue & mask)
        slots[index].phase = phase
        slots[index].deadline = deadline
        defer {
            list.count += 1
            setList(phase, list)
        }
        guard list.count > 0 else {
            list.head = number.rawValue
            list.tail = number.rawValue
            return
        }
        var behind = list.tail
        while slots[Int(behind & mask)].deadline > deadline {
            guard behind != list.head else {
                slots[index].following = behind
                slots[Int(behind & mask)].previous = number.rawValue
                list.head = number.rawValue
                return
            }
            behind = slots[Int(behind & mask)].previous
        }
        slots[index].previous = behind
        if behind == list.tail {
            list.tail = number.rawValue
        } else {
            let following = slots[Int(behind & mask)].following
            slots[index].following = following
            slots[Int(following & mask)].previous = number.rawValue
        }
        slots[Int(behind & mask)].following = number.rawValue
    }

    /// Makes room for so many numbers from `next` on.
    private mutating func reserve(_ neededCount: Int) {
        guard neededCount > slots.count else { return }
        var capacity = slots.count
        while capacity < min(neededCount, countMax) { capacity *= 2 }
        var larger = ContiguousArray(repeating: Slot(), count: capacity)
        let newMask = UInt32(capacity - 1)
        var number = next
        while !number.isAfter(lead) {
            larger[Int(number.rawValue & newMask)] = slots[Int(number.rawValue & mask)]
            number = number + 1
        }
        slots = larger
        mask = newMask
    }
}
