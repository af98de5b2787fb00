/// A message of a synthetic load, which says of itself what a receiver needs to find gaps and delays.
///
/// One frame. The topic is at its beginning, where subscriptions are matched; the record is at its end, so that a
/// receiver finds it without knowing the topic. Numbers are big-endian.
///
///     +-------+---------+-----------+--------------+-------------+------------+
///     | topic | padding | mark      | publisher    | sequence    | sent at    |
///     |       | (zeros) | 4 octets  | 4 octets     | 8 octets    | 8 octets   |
///     +-------+---------+-----------+--------------+-------------+------------+
///                        "XYL1"      random number  from 0        nanoseconds since 1970
struct LoadMessage: Equatable, Sendable {
    /// Tells publishers of one topic apart; each run of a load has one.
    var publisher: UInt32
    /// From 0, without gaps.
    var sequence: UInt64
    /// Nanoseconds since 1970 by the sender's clock.
    var sentAt: UInt64

    static let recordByteCount = 24
    private static let mark: [UInt8] = Array("XYL1".utf8)

    init(publisher: UInt32, sequence: UInt64, sentAt: UInt64) {
        self.publisher = publisher
        self.sequence = sequence
        self.sentAt = sentAt
    }

    /// Reads the record; `nil` when the frame is not one of a load.
    init?(frame: UnsafeRawBufferPointer) {
        let start = frame.count - Self.recordByteCount
        guard start >= 0, frame[start..<start + 4].elementsEqual(Self.mark) else { return nil }
        let numbers = start + 4
        publisher = UInt32(bigEndian: frame.loadUnaligned(fromByteOffset: numbers, as: UInt32.self))
        sequence = UInt64(
            bigEndian: frame.loadUnaligned(fromByteOffset: numbers + 4, as: UInt64.self)
        )
        sentAt = UInt64(
            bigEndian: frame.loadUnaligned(fromByteOffset: numbers + 12, as: UInt64.self)
        )
    }

    /// A frame of `byteCount` octets for `write` to put records in.
    static func makeFrame(topic: [UInt8], byteCount: Int) -> [UInt8] {
        let padding = byteCount - topic.count - recordByteCount
        precondition(padding >= 0, "a load's frame has room for the topic and the record")
        return topic + [UInt8](repeating: 0, count: padding) + mark
            + [UInt8](repeating: 0, count: recordByteCount - mark.count)
    }

    /// Puts the record at the end of a frame made by `makeFrame`.
    func write(to frame: UnsafeMutableRawBufferPointer) {
        let numbers = frame.count - Self.recordByteCount + 4
        frame.storeBytes(of: publisher.bigEndian, toByteOffset: numbers, as: UInt32.self)
        frame.storeBytes(of: sequence.bigEndian, toByteOffset: numbers + 4, as: UInt64.self)
        frame.storeBytes(of: sentAt.bigEndian, toByteOffset: numbers + 12, as: UInt64.self)
    }
}
