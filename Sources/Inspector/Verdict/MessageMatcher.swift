import PGM

/// Gives every message of every track its number, so that the same message has the same number at all taps.
///
/// Tracks come from the source on: the first fixes the order, later ones are laid against it. Over PGM a message is known by
/// its packet's sequence number and its place among those that start there: a packet of a stream that no tap before had is a
/// message of its own, whatever its content. Over TCP it is known by its content, and where content repeats, by its place in
/// the order:
///
///     reference   a  T  b  c  T  d  T
///     track       a  T     c     d  T       the T after a is the first, the one after d the third
///
/// The candidate nearest to the message before it is taken, or the one nearest to the next message that is certain. How
/// many of a repeated content are missing is always right; which of them can be ambiguous.
struct MessageMatcher {
    /// A track's messages by number.
    struct Match {
        /// Numbers in the track's order; `-1 - number` for one more of a message that the track had before.
        var numbers: [Int32] = []
    }

    private(set) var index = HashIndex()
    /// By message: its topic in the log's table, and when it was seen first.
    private(set) var topics: [UInt32] = []
    /// Messages that share their content, by the first of them, ascending.
    private var repeats: [Int: [Int]] = [:]
    private var packetNumbers: [PacketKey: Int] = [:]
    private var seenFlows: Set<Int> = []
    /// By stream: the messages that are packets of it.
    private var packets: [Int: MessageSet] = [:]
    /// The stream of a packet that no tap had before: messages that are other packets of it are out of the question.
    private var newPacketFlow: Int?
    /// What the current track had.
    private var matched = MessageSet()

    private struct PacketKey: Hashable {
        var flow: Int
        var position: UInt64
    }

    var count: Int { index.count }

    /// Whether another message has the same content.
    func isRepeated(_ message: Int) -> Bool {
        guard !repeats.isEmpty, let first = index.first(index.hashes[message]) else { return false }
        return repeats[first] != nil
    }

    /// `isFirst`: nothing that feeds this track was matched before, so a repeated content is a new message and not
    ///   the same one twice.
    /// `wasSeen`: whether a message had been seen somewhere at the time of the track's row; `nil` where nothing joins the clocks.
    mutating func match(
        _ track: MessageTrack,
        isPGM: Bool,
        isFirst: Bool,
        wasSeen: ((_ message: Int, _ nanoseconds: Int64) -> Bool)?
    ) -> Match {
        matched = MessageSet()
        var match = Match()
        match.numbers.reserveCapacity(track.count)
        let isNewFlow = isPGM && seenFlows.insert(track.flow).inserted
        var position = PacketPosition()
        var cursor = 0
        for row in 0..<track.count {
            let message = track[row]
            let key =
                isPGM
                ? PacketKey(flow: track.flow, position: position.next(message.sequence)) : nil
            if let key, !isNewFlow, let number = packet(key, message.hash) {
                match.numbers.append(take(number))
                cursor = number + 1
                continue
            }
            if row == 0, let wasSeen {
                // The track may begin in the middle of what the others saw.
                cursor = start(message, wasSeen)
            }
            let isNewPacket = key.map { packetNumbers[$0] == nil } ?? false
            newPacketFlow = isNewPacket && !isNewFlow ? track.flow : nil
            let number = find(
                message,
                at: row,
                in: track,
                cursor: cursor,
                isFirst: isFirst || newPacketFlow != nil
            )
            if let key {
                let message = number >= 0 ? Int(number) : Int(-1 - number)
                if isNewPacket { packetNumbers[key] = message }
                packets[track.flow, default: MessageSet()].insert(message)
            }
            if number >= 0 { cursor = Int(number) + 1 }
            match.numbers.append(number)
        }
        return match
    }

    /// The message that starts at a place in a packet, as another tap had it, or further in front in the same packet, where
    /// that tap lacks others.
    private func packet(_ key: PacketKey, _ hash: UInt64) -> Int? {
        let ordinal = key.position & 0xFFFF
        for back in 0...min(ordinal, UInt64(Self.lookCountMax)) {
            let place = PacketKey(flow: key.flow, position: key.position - back)
            if let number = packetNumbers[place] {
                if index.hashes[number] == hash { return number }
                if back == 0 { return nil }
            }
        }
        return nil
    }

    /// Of messages with one content, the last that had been seen when the track's first row went by.
    private func start(
        _ message: MessageTrack.Row,
        _ wasSeen: (_ message: Int, _ nanoseconds: Int64) -> Bool
    ) -> Int {
        guard let first = index.first(message.hash), let candidates = repeats[first] else {
            return 0
        }
        var low = 0
        var high = candidates.count
        while low < high {
            let middle = (low + high) / 2
            if wasSeen(candidates[middle], message.nanoseconds) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low > 0 ? candidates[low - 1] : 0
    }

    /// Marks a message as had by the track.
    private mutating func take(_ number: Int) -> Int32 {
        matched.insert(number)
            ? Int32(truncatingIfNeeded: number) : Int32(truncatingIfNeeded: -1 - number)
    }

    private func isTaken(_ number: Int) -> Bool {
        if let newPacketFlow, packets[newPacketFlow]?.contains(number) == true { return true }
        return matched.contains(number)
    }

    private mutating func find(
        _ message: MessageTrack.Row,
        at row: Int,
        in track: MessageTrack,
        cursor: Int,
        isFirst: Bool
    ) -> Int32 {
        guard let first = index.first(message.hash) else {
            return append(message, sharesContentWith: nil)
        }
        guard let candidates = repeats[first] else {
            if !isTaken(first) { return take(first) }
            return isFirst ? append(message, sharesContentWith: first) : take(first)
        }
        if let number = nearest(candidates, at: row, in: track, cursor: cursor) {
            return take(number)
        }
        if isFirst { return append(message, sharesContentWith: first) }
        let at = Self.lowerBound(candidates, cursor)
        return take(candidates[max(0, at - 1)])
    }

    private mutating func append(
        _ message: MessageTrack.Row,
        sharesContentWith first: Int?
    ) -> Int32 {
        guard index.count < HashIndex.countMax else { return -1 }
        let number = index.append(message.hash, isFirst: first == nil)
        topics.append(message.topicAndRepaired >> 1)
        if let first { repeats[first, default: [first]].append(number) }
        return take(number)
    }

    /// The candidate that fits best; `nil` when the track has had them all.
    private func nearest(
        _ candidates: [Int],
        at row: Int,
        in track: MessageTrack,
        cursor: Int
    ) -> Int? {
        let start = Self.lowerBound(candidates, cursor)
        let ahead = untaken(candidates, from: start, step: 1)
        // Next to the message before it: nothing can fit better.
        if ahead == cursor { return ahead }
        if let (anchor, steps) = anchor(after: row, in: track, cursor: cursor) {
            let before = untaken(
                candidates,
                from: Self.lowerBound(candidates, anchor) - 1,
                step: -1
            )
            let wanted = anchor - steps
            switch (
                ahead.flatMap { $0 < anchor ? $0 : nil }, before.flatMap { $0 >= cursor ? $0 : nil }
            )
            {
            case (let ahead?, let before?):
                return abs(wanted - before) < ahead - cursor ? before : ahead
            case (let one?, nil), (nil, let one?): return one
            case (nil, nil): break
            }
            // None between: it came late, or out of turn.
            return untaken(candidates, from: start - 1, step: -1) ?? ahead
        }
        return ahead ?? untaken(candidates, from: start - 1, step: -1)
    }

    /// The first message from an index on, in steps, that the track has not had. Looks at few.
    private func untaken(_ candidates: [Int], from start: Int, step: Int) -> Int? {
        var at = start
        var looked = 0
        while candidates.indices.contains(at), looked < Self.lookCountMax {
            if !isTaken(candidates[at]) { return candidates[at] }
            at += step
            looked += 1
        }
        return nil
    }

    /// The next message of the track whose content tells which it is and that lies ahead, and how many rows it is away.
    private func anchor(
        after row: Int,
        in track: MessageTrack,
        cursor: Int
    ) -> (number: Int, steps: Int)? {
        let end = min(track.count, row + 1 + Self.lookCountMax)
        guard row + 1 < end else { return nil }
        for next in row + 1..<end {
            guard let number = index.first(track[next].hash), number >= cursor,
                repeats[number] == nil, !isTaken(number)
            else { continue }
            return (number, next - row)
        }
        return nil
    }

    private static func lowerBound(_ numbers: [Int], _ number: Int) -> Int {
        var low = 0
        var high = numbers.count
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static let lookCountMax = 64
}

/// A bit for each message.
private struct MessageSet {
    private var words: [UInt64] = []

    func contains(_ message: Int) -> Bool {
        message >> 6 < words.count && words[message >> 6] & 1 << UInt64(message & 63) != 0
    }

    /// Whether it was not in there before.
    @discardableResult
    mutating func insert(_ message: Int) -> Bool {
        let word = message >> 6
        if word >= words.count {
            let count = max(word + 1, words.count + words.count / 2)
            words.append(contentsOf: repeatElement(0, count: count - words.count))
        }
        let bit: UInt64 = 1 << UInt64(message & 63)
        defer { words[word] |= bit }
        return words[word] & bit == 0
    }
}

/// Where in its stream a PGM message starts: the packet's number without wrapping, and its place in the packet.
private struct PacketPosition {
    private var last: UInt32?
    private var unwrapped: UInt64 = 0
    private var ordinal: UInt64 = 0

    mutating func next(_ sequence: UInt32) -> UInt64 {
        if let last {
            if last == sequence {
                ordinal += 1
            } else {
                let distance = SequenceNumber(sequence).distance(from: SequenceNumber(last))
                unwrapped = unwrapped &+ UInt64(bitPattern: Int64(distance))
                ordinal = 0
            }
        } else {
            unwrapped = UInt64(sequence)
        }
        last = sequence
        return unwrapped << 16 | min(ordinal, 0xFFFF)
    }
}
