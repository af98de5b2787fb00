import Wire

/// Every chain of frames that may lie in octets whose place in the stream is not known.
///
/// A place may begin a frame when its octets are a header that a peer writes. The header says where the next frame would
/// begin, and a chain that comes to a place where none can begin is dead:
///
///     frames    ●────●──●───────●──●────▶     each ● is a header
///     chance    ●──●───×                       ends at the first place that is none
///
/// What speaks for a chain is counted in bits: how unlikely octets like these would look so by chance. Payloads full of
/// zeros, which look like headers everywhere, therefore prove little. Chains that meet go on as one, so what is left in the
/// end is one chain, or it cannot be told.
struct FrameChains {
    /// A chain that is surely one of frames.
    struct Finding {
        /// The first place of which it is certain that a frame begins there.
        var start: Int
        var frameCount: Int
        /// Chance would bring this about once in two to this power.
        var bits: Int
    }

    /// A place behind these octets at which a frame begins if a chain is right.
    struct Continuation {
        /// From the first octet on.
        var offset: Int
        var bits: Float
    }

    /// The best of all chains, and what speaks for the best of those that contradict it.
    struct Standing {
        var finding: Finding
        var rivalBits: Float
        var neededBits: Float

        var isCertain: Bool {
            Float(finding.bits) >= neededBits && Float(finding.bits) - rivalBits >= leadBitsMin
        }
    }

    private let format: ZMTPSearch.Format
    private let odds: HeaderOdds
    /// By place: where the next frame begins; `dead` where no frame can begin.
    private var next: [Int32]
    /// By place: what speaks for the chain from here on, and how many frames it has.
    private var bits: [Float]
    private var frameCounts: [Int32]
    /// By place: the last header of the chain.
    private var tails: [Int32]
    /// Commands, which say their name: each is proof by itself.
    private var commands: Set<Int> = []
    /// Where segments begin: frames begin there more often than elsewhere.
    private let segmentStarts: Set<Int>
    private let continuations: [Continuation]
    private let byteCount: Int

    init(
        _ octets: UnsafeRawBufferPointer,
        _ format: ZMTPSearch.Format,
        segmentStarts: [Int],
        continuations: [Continuation]
    ) {
        self.format = format
        odds = HeaderOdds(octets, format)
        byteCount = octets.count
        next = Array(repeating: Self.dead, count: octets.count + 1)
        bits = Array(repeating: 0, count: octets.count + 1)
        frameCounts = Array(repeating: 0, count: octets.count + 1)
        tails = Array(repeating: Int32(octets.count), count: octets.count + 1)
        self.segmentStarts = Set(segmentStarts + [octets.count])
        self.continuations = continuations
        next[octets.count] = Int32(octets.count)
        for place in stride(from: octets.count - 1, through: 0, by: -1) {
            follow(from: place, octets)
        }
    }

    private mutating func follow(from place: Int, _ octets: UnsafeRawBufferPointer) {
        switch odds.read(octets, at: place) {
        case .impossible: return
        case .cut:
            next[place] = Int32(byteCount)
            tails[place] = Int32(place)
        case .header(let end, let ownBits, let isNamed):
            if isNamed { commands.insert(place) }
            guard end <= byteCount else {
                next[place] = Int32(clamping: end)
                tails[place] = Int32(place)
                bits[place] = ownBits
                frameCounts[place] = 1
                return
            }
            guard next[end] != Self.dead else { return }
            next[place] = Int32(end)
            tails[place] = tails[end]
            bits[place] = ownBits + bits[end]
            if ownBits > 0, segmentStarts.contains(end) {
                // The longer the frame, the less likely its length leads there by chance.
                bits[place] += min(Self.alignmentBits, 1 + Float(end - place).bitCount)
            }
            frameCounts[place] = frameCounts[end] + 1
        }
    }

    /// What speaks for a chain that begins at a place.
    private func bits(from place: Int) -> Float {
        let isAligned = bits[place] > 0 && segmentStarts.contains(place)
        return bits[place] + expectation(at: place) + (isAligned ? Self.alignmentBits : 0)
    }

    /// What speaks for a frame at a place because of octets that are gone.
    private func expectation(at place: Int) -> Float {
        continuations.first { $0.offset == place }?.bits ?? 0
    }

    /// `nil` when no chain has two frames, or a command.
    var standing: Standing? {
        var best: [Int32: (place: Int, bits: Float)] = [:]
        var order: [Int32] = []
        for place in 0..<byteCount where next[place] != Self.dead && frameCounts[place] > 0 {
            let own = bits(from: place)
            let tail = tails[place]
            if let known = best[tail] {
                if own > known.bits { best[tail] = (place, own) }
            } else {
                best[tail] = (place, own)
                order.append(tail)
            }
        }
        let ranked = order.compactMap { best[$0] }.sorted {
            $0.bits != $1.bits ? $0.bits > $1.bits : $0.place < $1.place
        }
        guard let first = ranked.first,
            frameCounts[first.place] >= 2 || commands.contains(first.place)
                || expectation(at: first.place) > 0
        else { return nil }
        return Standing(
            finding: Finding(
                start: certainStart(of: first.place),
                frameCount: Int(frameCounts[first.place]),
                bits: Int(first.bits)
            ),
            rivalBits: ranked.count > 1 ? ranked[1].bits : 0,
            neededBits: Self.certaintyBits + triesBits(at: first.place)
        )
    }

    /// Every place is a try; those at the beginning of a segment are few.
    private func triesBits(at place: Int) -> Float {
        Float(max(segmentStarts.contains(place) ? segmentStarts.count : byteCount, 2)).bitCount
    }

    /// By chance a chain may run into that of the frames, so its first frames count only when enough speaks for what is in
    /// front of them.
    private func certainStart(of place: Int) -> Int {
        var place = place
        let whole = bits(from: place)
        let needed = Self.prefixBitsMin + triesBits(at: place)
        while Int(next[place]) < byteCount {
            if whole - bits[place] >= needed || commands.contains(place) {
                return place
            }
            place = Int(next[place])
        }
        return place
    }

    /// Where chains that reach beyond these octets say that a frame begins.
    var continuationsBehind: [Continuation] {
        var list: [Continuation] = []
        var seen: Set<Int> = []
        for place in 0..<byteCount where Int(next[place]) > byteCount {
            let own = bits(from: place)
            guard own >= Self.continuationBitsMin, seen.insert(Int(next[place])).inserted
            else { continue }
            list.append(Continuation(offset: Int(next[place]) - byteCount, bits: own))
        }
        for known in continuations where known.offset > byteCount {
            list.append(Continuation(offset: known.offset - byteCount, bits: known.bits))
        }
        return Array(list.sorted { $0.bits > $1.bits }.prefix(Self.continuationCountMax))
    }

    private static let dead: Int32 = -1
    private static let certaintyBits: Float = 20
    private static let leadBitsMin: Float = 12
    private static let prefixBitsMin: Float = 12
    /// A length that leads exactly to the beginning of a segment, by chance.
    private static let alignmentBits: Float = 6
    private static let continuationBitsMin: Float = 15
    private static let continuationCountMax = 8
}

/// How unlikely the parts of a header are among octets like those given.
private struct HeaderOdds {
    enum Reading {
        case impossible
        /// It may be one; the rest is not there.
        case cut
        /// Where the frame ends, and what the header alone speaks for it.
        case header(end: Int, bits: Float, isNamed: Bool)
    }

    private let format: ZMTPSearch.Format
    private let short: Float
    private let long: Float
    private let zero: Float
    private let command: Float

    init(_ octets: UnsafeRawBufferPointer, _ format: ZMTPSearch.Format) {
        self.format = format
        var counts = [Int](repeating: 0, count: 256)
        for octet in octets { counts[Int(octet)] += 1 }
        let bits = { (values: [Int]) -> Float in
            let count = values.reduce(0) { $0 + counts[$1] }
            // A few octets say little of what is usual: each value counts as if seen once in 64 already.
            let share = (Float(count) + 1.5) / (Float(octets.count) + 64)
            return share > Self.shareMax ? 0 : min(Self.octetBitsMax, (1 / share).bitCount)
        }
        short = bits([0, 1])
        zero = bits([0])
        long = format == .v2 ? bits([2, 3]) : bits([0xFF])
        command = bits([4, 6])
    }

    func read(_ octets: UnsafeRawBufferPointer, at place: Int) -> Reading {
        format == .v2 ? readNew(octets, at: place) : readOld(octets, at: place)
    }

    private func readNew(_ octets: UnsafeRawBufferPointer, at place: Int) -> Reading {
        let flags = octets[place]
        guard flags <= 7, flags & 5 != 5 else { return .impossible }
        let isLong = flags & FrameHeader.long != 0
        let body = place + (isLong ? 9 : 2)
        var length: UInt64 = 0
        for (index, octet) in octets[min(place + 1, octets.count)..<min(body, octets.count)]
            .enumerated()
        {
            // Nobody sends a terabyte.
            if isLong, index < 3, octet != 0 { return .impossible }
            length = length << 8 | UInt64(octet)
        }
        guard body <= octets.count else { return .cut }
        // libzmq and we write the shortest form.
        guard !isLong || length > 255 else { return .impossible }
        let end = body + Int(length)
        guard flags & FrameHeader.command != 0 else {
            if Self.isSealed(octets, at: body, length) {
                return .header(end: end, bits: short + Self.nameBits, isNamed: true)
            }
            // Nothing but zeros looks like frames without a body.
            let bits = isLong ? long + zeroBits(length) : length == 0 ? 0 : short
            return .header(end: end, bits: bits, isNamed: false)
        }
        guard length > 4 else { return .impossible }
        // Its name may not be there yet.
        guard body < octets.count else { return .cut }
        guard (4...9).contains(octets[body]) else { return .impossible }
        guard body + 1 + Int(octets[body]) <= octets.count else { return .cut }
        guard CommandNames.isKnown(octets, at: body, Int(length)) else { return .impossible }
        return .header(end: end, bits: command + Self.nameBits, isNamed: true)
    }

    /// CURVE's messages say what they are, although libzmq does not mark them as commands.
    private static func isSealed(
        _ octets: UnsafeRawBufferPointer,
        at body: Int,
        _ length: UInt64
    ) -> Bool {
        length >= 8 && body + 8 <= octets.count && octets[body] == 7
            && octets[body + 1..<body + 8].elementsEqual("MESSAGE".utf8)
    }

    private func readOld(_ octets: UnsafeRawBufferPointer, at place: Int) -> Reading {
        let first = octets[place]
        guard first != 0 else { return .impossible }
        let isLong = first == 0xFF
        let flags = place + (isLong ? 9 : 1)
        guard isLong else {
            guard flags < octets.count else { return .cut }
            guard octets[flags] <= 1 else { return .impossible }
            return .header(
                end: flags + Int(first),
                bits: first == 1 ? 0 : short,
                isNamed: false
            )
        }
        var length: UInt64 = 0
        for (index, octet) in octets[place + 1..<min(flags, octets.count)].enumerated() {
            if index < 3, octet != 0 { return .impossible }
            length = length << 8 | UInt64(octet)
        }
        guard flags < octets.count else { return .cut }
        guard octets[flags] <= 1, length > 254 else { return .impossible }
        return .header(
            end: flags + Int(length),
            bits: long + short + zeroBits(length),
            isNamed: false
        )
    }

    /// Of the leading octets of a long length.
    private func zeroBits(_ length: UInt64) -> Float {
        Float(length.leadingZeroBitCount / 8) * zero
    }

    private static let octetBitsMax: Float = 8
    private static let shareMax: Float = 0.75
    private static let nameBits: Float = 30
}

/// The commands that ZMTP knows.
enum CommandNames {
    static func isKnown(_ bytes: UnsafeRawBufferPointer, at offset: Int, _ byteCount: Int) -> Bool {
        guard offset < bytes.count else { return false }
        let nameByteCount = Int(bytes[offset])
        guard (4...9).contains(nameByteCount), nameByteCount < byteCount,
            offset + 1 + nameByteCount <= bytes.count
        else { return false }
        let name = bytes[offset + 1..<offset + 1 + nameByteCount]
        return names.contains { name.elementsEqual($0.utf8) }
    }

    private static let names = [
        "PING", "PONG", "READY", "ERROR", "SUBSCRIBE", "CANCEL", "MESSAGE", "HELLO", "WELCOME",
        "INITIATE", "JOIN", "LEAVE",
    ]
}

extension Float {
    /// The binary logarithm to a tenth, which is as exact as odds are.
    fileprivate var bitCount: Float { Float(exponent) + significand - 1 }
}
