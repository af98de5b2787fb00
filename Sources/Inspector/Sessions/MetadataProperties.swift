import Rendering
import Wire

/// The properties of READY, and of PLAIN's INITIATE (RFC 37 "Metadata"). Ends without complaint where they stop making
/// sense.
///
///     +-----------------+------+------------------+-------+
///     | name length (1) | name | value length (4) | value | …
///     +-----------------+------+------------------+-------+
struct MetadataProperties: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func next() -> ZMTPReport.Property? {
        guard offset < bytes.count else { return nil }
        let nameByteCount = Int(bytes[offset])
        let nameStart = offset + 1
        let valueStart = nameStart + nameByteCount + 4
        guard nameByteCount > 0, valueStart <= bytes.count else { return nil }
        let valueByteCount = Int(BigEndian.loadUInt32(bytes, at: valueStart - 4))
        guard valueByteCount <= bytes.count - valueStart else { return nil }
        offset = valueStart + valueByteCount
        return ZMTPReport.Property(
            name: PrintableText.text(bytes[nameStart..<nameStart + nameByteCount]),
            value: PrintableText.text(bytes[valueStart..<offset])
        )
    }
}
