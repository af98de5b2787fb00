/// The temperatures of the local search and the dice that go with them; the same on every machine, because
/// neither a clock nor the C library's logarithm takes part.
struct Annealing {
    /// Temperatures are shares of the best value so far: from 3 % down to 0.002 %, geometrically.
    private static let first = 0.03
    static let stageCount = 256
    /// 1500^(−1/255): the ratio of first to last temperature, spread over the stages.
    private static let stageRatio = 0.9717280519274211

    private(set) var temperature: Double
    /// −ln u at 1,024 equally likely points.
    private let exponential: ContiguousArray<Double>

    /// `scale` is the best value so far, in the unit of the costs.
    init(scale: Double) {
        temperature = Self.first * scale
        exponential = ContiguousArray(
            (0..<1024).map { -Self.naturalLogarithm((Double($0) + 0.5) / 1024) }
        )
    }

    mutating func cool() {
        temperature *= Self.stageRatio
    }

    /// How much worse a tree may be and still be accepted, this time. Drawing the tolerance before the move
    /// is the Metropolis rule turned around, and lets a hopeless move stop early.
    func tolerance(_ random: inout SeededGenerator) -> Double {
        temperature * exponential[Int(random.next() >> 54)]
    }

    /// For 0 < x: x = m · 2^e, ln x = e · ln 2 + 2 artanh((m − 1)/(m + 1)).
    static func naturalLogarithm(_ x: Double) -> Double {
        let ratio = (x.significand - 1) / (x.significand + 1)
        var power = ratio
        var sum = 0.0
        for term in 0..<20 {
            sum += power / Double(2 * term + 1)
            power *= ratio * ratio
        }
        return Double(x.exponent) * 0.6931471805599453 + 2 * sum
    }
}
