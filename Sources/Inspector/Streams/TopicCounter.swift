/// The most frequent topics of a stream in bounded memory (Space-Saving, Metwally et al. 2005): a new topic takes the
/// place of the rarest one, and its count as its error.
///
/// What a topic is, libzmq does not say. Here: the first frame of a message of several frames; of a single frame, what
/// stands before the first digit, space or unprintable octet.
struct TopicCounter {
    private struct Entry {
        var hash: UInt64
        var bytes: [UInt8]
        var count: Int
        var error: Int
    }

    private var entries: [Entry] = []
    private var lastIndex = 0
    private(set) var hasMore = false
    private let countMax: Int

    static let byteCountMax = 32

    init(countMax: Int) {
        self.countMax = max(1, countMax)
    }

    /// `body` is the first frame as far as it is at hand.
    mutating func handle(_ body: UnsafeRawBufferPointer, isMultipart: Bool) {
        var count = min(body.count, Self.byteCountMax)
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in 0..<count {
            let octet = body[index]
            if !isMultipart, octet <= 0x20 || octet >= 0x7F || octet >= 0x30 && octet <= 0x39 {
                count = index
                break
            }
            hash = (hash ^ UInt64(octet)) &* 0x0000_0100_0000_01B3
        }
        if lastIndex < entries.count, entries[lastIndex].hash == hash {
            entries[lastIndex].count += 1
        } else {
            handle(UnsafeRawBufferPointer(rebasing: body[..<count]), hash)
        }
    }

    private mutating func handle(_ topic: UnsafeRawBufferPointer, _ hash: UInt64) {
        for index in entries.indices where entries[index].hash == hash {
            entries[index].count += 1
            lastIndex = index
            return
        }
        guard entries.count >= countMax else {
            entries.append(Entry(hash: hash, bytes: Array(topic), count: 1, error: 0))
            lastIndex = entries.count - 1
            return
        }
        hasMore = true
        var rarest = 0
        for index in entries.indices where entries[index].count < entries[rarest].count {
            rarest = index
        }
        let count = entries[rarest].count
        entries[rarest] = Entry(hash: hash, bytes: Array(topic), count: count + 1, error: count)
        lastIndex = rarest
    }

    /// The most frequent first; counts are what is certain.
    var topics: [StreamReport.MessageReport.Topic] {
        entries.map { entry in
            StreamReport.MessageReport.Topic(
                text: Self.text(entry.bytes),
                count: entry.count - entry.error
            )
        }
        .filter { !$0.text.isEmpty && $0.count > 0 }
        .sorted { $0.count != $1.count ? $0.count > $1.count : $0.text < $1.text }
    }

    /// Printable ASCII as it is, all else as `\xNN`.
    private static func text(_ bytes: [UInt8]) -> String {
        var text = ""
        for octet in bytes {
            if octet >= 0x20, octet < 0x7F, octet != 0x5C {
                text.unicodeScalars.append(Unicode.Scalar(octet))
            } else {
                text += "\\x" + (octet < 16 ? "0" : "") + String(octet, radix: 16)
            }
        }
        return text
    }
}
