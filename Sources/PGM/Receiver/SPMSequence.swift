/// Which SPMs of a source count: those that are in sequence (RFC 3208 §6.2).
///
/// One forged SPM far ahead must not silence all that follow: when SPMs out of sequence keep coming in sequence with each
/// other, they are the true ones.
struct SPMSequence: Sendable {
    private var last: SequenceNumber?
    private var stray = SequenceNumber(0)
    /// SPMs in a row that were out of sequence, but in sequence with each other.
    private var strayCount = 0

    /// Whether the SPM with this number is to be used.
    mutating func accept(_ number: SequenceNumber) -> Bool {
        if let last, !number.isAfter(last) {
            strayCount = strayCount > 0 && number == stray + 1 ? strayCount + 1 : 1
            stray = number
            guard strayCount > Self.strayCountMax else { return false }
        }
        strayCount = 0
        last = number
        return true
    }

    private static let strayCountMax = 3
}
