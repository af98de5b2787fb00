/// A delay inside the builder, in picoseconds (10⁻⁹ ms).
///
/// Integers make sums associative: a delay is the same whether it was added up from the root or
/// shifted by a move, ties are real ties, a lower bound never exceeds a value by rounding, and
/// decimal inputs such as 0.2 ms come out as they went in. 2⁶² ps are 53 days.
typealias Picoseconds = Int64

extension Picoseconds {
    static let perMillisecond = 1e9
    /// Sums of delays stay below this, so that adding two of them cannot overflow.
    static let bound: Picoseconds = 1 << 61

    /// `nil` when the value is negative, not a number, or too large to add up safely.
    init?(milliseconds: Double) {
        let scaled = (milliseconds * Self.perMillisecond).rounded(.toNearestOrEven)
        guard scaled >= 0, scaled < Double(Self.bound) else { return nil }
        self = Picoseconds(scaled)
    }

    var milliseconds: Double { Double(self) / Self.perMillisecond }
}
