/// Which rows of a track lie within what other tracks saw too: between messages that only one content can be.
///
/// A content that comes twice here and once elsewhere is no double if one of the two passed before the other capture began.
struct RowCertainty {
    private var first = Int.max
    private var last = -1
    private let firstRows: [Int: Int]

    init(
        _ match: MessageMatcher.Match,
        of view: VerdictTrack,
        newFrom known: Int,
        _ matcher: MessageMatcher
    ) {
        var doubles: Set<Int> = []
        for (row, number) in match.numbers.enumerated() {
            guard number >= 0 else {
                doubles.insert(Int(-1 - number))
                continue
            }
            guard Int(number) < known, !matcher.isRepeated(Int(number)) else { continue }
            first = min(first, row)
            last = row
        }
        var firstRows: [Int: Int] = [:]
        if !doubles.isEmpty {
            for (row, number) in match.numbers.enumerated()
            where number >= 0 && doubles.contains(Int(number)) && firstRows[Int(number)] == nil {
                firstRows[Int(number)] = row
            }
        }
        self.firstRows = firstRows
    }

    func contains(_ row: Int) -> Bool { first < row && row < last }

    /// Whether this row brings a message that the track surely had before.
    func isDouble(_ row: Int, _ message: Int) -> Bool {
        guard let earlier = firstRows[message] else { return false }
        return contains(earlier) && contains(row)
    }
}
