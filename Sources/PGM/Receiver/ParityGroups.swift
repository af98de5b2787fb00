/// Which parity packets of which transmission groups a receiver holds (RFC 3208 §11.5).
///
/// A group can be completed when it holds as many parity packets as data packets are missing, and when all its other data
/// packets were received here: a group that was joined in its middle, or of which a number was given up, is of no use.
struct ParityGroups: Sendable {
    struct Group: Sendable {
        var first = SequenceNumber(0)
        var isKnown = false
        var hasLengths = false
        /// Payloads are being computed.
        var isReconstructing = false
        /// One bit per parity index, 0…255.
        var indices: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var count = 0

        /// Whether it was new.
        mutating func insert(_ index: Int) -> Bool {
            let bit = UInt64(1) << UInt64(index & 63)
            func add(_ word: inout UInt64) -> Bool {
                let isNew = word & bit == 0
                word |= bit
                return isNew
            }
            let isNew =
                switch index >> 6 {
                case 0: add(&indices.0)
                case 1: add(&indices.1)
                case 2: add(&indices.2)
                default: add(&indices.3)
                }
            if isNew { count += 1 }
            return isNew
        }

        func contains(_ index: Int) -> Bool {
            let words = [indices.0, indices.1, indices.2, indices.3]
            return words[index >> 6] >> UInt64(index & 63) & 1 == 1
        }
    }

    let groupSize: Int
    let isOnDemand: Bool
    private var groups: ContiguousArray<Group>
    /// Groups that begin before this number cannot be completed: what was delivered before was not kept, or a number of
    /// them was given up.
    var usableFrom: SequenceNumber
    /// The oldest number that the source can repair, as far as it has said.
    var trail: SequenceNumber

    /// `nil` for parameters that cannot be used: no power of two, or too large for the code or the window.
    init?(
        groupSize: UInt32,
        isOnDemand: Bool,
        windowPacketCount: Int,
        from next: SequenceNumber,
        trail: SequenceNumber
    ) {
        guard groupSize >= 2, groupSize <= 128, groupSize & (groupSize - 1) == 0,
            windowPacketCount >= 4 * Int(groupSize)
        else { return nil }
        self.groupSize = Int(groupSize)
        self.isOnDemand = isOnDemand
        self.trail = trail
        usableFrom = next
        var capacity = 4
        while capacity < windowPacketCount / Int(groupSize) + 2 { capacity *= 2 }
        groups = ContiguousArray(repeating: Group(), count: capacity)
    }

    func first(of number: SequenceNumber) -> SequenceNumber {
        SequenceNumber(number.rawValue & ~UInt32(groupSize - 1))
    }

    func last(of number: SequenceNumber) -> SequenceNumber {
        SequenceNumber(number.rawValue | UInt32(groupSize - 1))
    }

    /// The group that starts at `first`, whatever stood in its place before.
    subscript(first: SequenceNumber) -> Group {
        get {
            let group = groups[slot(first)]
            return group.isKnown && group.first == first
                ? group : Group(first: first, isKnown: true)
        }
        set { groups[slot(first)] = newValue }
    }

    // MARK: - Questions

    /// Whether all of the group's packets were received or are still expected.
    func isUsable(_ first: SequenceNumber) -> Bool { first.distance(from: usableFrom) >= 0 }

    /// The numbers of a group that have not come.
    func missing(of first: SequenceNumber, in window: ReceiveWindow) -> [SequenceNumber] {
        (0..<groupSize).map { first + $0 }.filter {
            window.contains($0) && window.phase(of: $0) != .held
        }
    }

    /// The group whose parity can be asked for instead of this number: the source must still have all of it.
    func requestableGroup(of number: SequenceNumber, in window: ReceiveWindow) -> SequenceNumber? {
        let first = first(of: number)
        guard isOnDemand, isUsable(first), window.lead.distance(from: last(of: number)) >= 0,
            first.distance(from: trail) >= 0
        else { return nil }
        return first
    }

    /// The group's number with the count of missing packets, less one, in the low bits (§11.3.1).
    func requestNumber(of first: SequenceNumber, in window: ReceiveWindow) -> SequenceNumber {
        first + max(0, missing(of: first, in: window).count - self[first].count - 1)
    }

    // MARK: - Packets

    /// The group and the parity index of a packet; `nil` when no group can use it.
    func place(of packet: PacketView, _ number: SequenceNumber) -> (SequenceNumber, index: Int)? {
        let first = first(of: number)
        var index = number.distance(from: first)
        if packet.hasOptions, let option = packet.options.first(ofType: OptionType.parityGroup),
            case .parityGroup(let number) = option.content
        {
            index += Int(min(number, 255)) * groupSize
        }
        guard index + groupSize < 256, isUsable(first) else { return nil }
        return (first, index)
    }

    /// Whether the packet is of use: its group misses more than it has parity for.
    mutating func insert(
        _ index: Int,
        of first: SequenceNumber,
        hasLengths: Bool,
        in window: ReceiveWindow
    ) -> Bool {
        var group = self[first]
        guard window.contains(first + (groupSize - 1)), !group.isReconstructing,
            missing(of: first, in: window).count > group.count, group.insert(index)
        else { return false }
        group.hasLengths = hasLengths
        self[first] = group
        return true
    }

    /// What to compute when the number's group has enough parity for what it misses.
    mutating func completion(
        of number: SequenceNumber,
        in window: ReceiveWindow
    ) -> Reconstruction? {
        let first = first(of: number)
        var group = self[first]
        guard group.count > 0, !group.isReconstructing, isUsable(first),
            window.contains(last(of: number))
        else { return nil }
        let missing = missing(of: first, in: window)
        guard !missing.isEmpty, missing.count <= group.count else { return nil }
        group.isReconstructing = true
        self[first] = group
        return Reconstruction(
            group: first,
            groupSize: groupSize,
            missing: missing,
            parity: Array((0..<256).filter { group.contains($0) }.prefix(missing.count)),
            hasLengths: group.hasLengths
        )
    }

    /// Whether it was awaited.
    mutating func end(_ reconstruction: Reconstruction) -> Bool {
        guard groupSize == reconstruction.groupSize, self[reconstruction.group].isReconstructing
        else { return false }
        self[reconstruction.group] = Group(first: reconstruction.group, isKnown: true)
        return true
    }

    private func slot(_ first: SequenceNumber) -> Int {
        Int(first.rawValue) / groupSize & (groups.count - 1)
    }
}
