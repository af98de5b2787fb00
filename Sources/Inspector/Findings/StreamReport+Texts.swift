import Rendering

extension StreamReport {
    /// When a receiver first asked for a repair; `nil` when none did.
    var firstRequestNanoseconds: Int64? {
        receivers.filter(\.hasAsked).compactMap(\.firstNanoseconds).min()
    }
}

extension StreamReport.Loss {
    /// `number 179`, `numbers 200–203 and 207`.
    static func text(of losses: [StreamReport.Loss]) -> String {
        let isOne = losses.count == 1 && losses[0].count == 1
        return (isOne ? "number " : "numbers ") + Figures.list(losses.map(\.text))
    }

    /// `179`, `200–203`.
    private var text: String {
        first == last ? "\(first)" : "\(first)–\(last)"
    }
}
