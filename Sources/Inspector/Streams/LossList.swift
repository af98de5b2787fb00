import PGM

/// Losses of a stream: a bounded list in which neighbours of the same kind are one.
struct LossList {
    private var list: [StreamReport.Loss] = []
    /// Sequence numbers of losses that found no place.
    private(set) var leftOutCount = 0
    /// All sequence numbers, by kind.
    private(set) var unrepairedCount = 0
    private(set) var tooLateCount = 0
    private(set) var missingCount = 0
    private let countMax: Int

    init(countMax: Int = 0) {
        self.countMax = countMax
    }

    mutating func append(_ loss: StreamReport.Loss) {
        switch loss.kind {
        case .unrepaired: unrepairedCount += loss.count
        case .tooLate: tooLateCount += loss.count
        case .missing: missingCount += loss.count
        }
        if let last = list.last, let joined = Self.joined(last, loss) {
            list[list.count - 1] = joined
        } else if list.count < countMax {
            list.append(loss)
        } else {
            leftOutCount += loss.count
        }
    }

    /// By time, then number; neighbours joined.
    var sorted: [StreamReport.Loss] {
        let ordered = list.sorted { left, right in
            left.nanoseconds != right.nanoseconds
                ? left.nanoseconds < right.nanoseconds : right.first.isAfter(left.first)
        }
        var result: [StreamReport.Loss] = []
        for loss in ordered {
            if let last = result.last, let joined = Self.joined(last, loss) {
                result[result.count - 1] = joined
            } else {
                result.append(loss)
            }
        }
        return result
    }

    private static func joined(
        _ left: StreamReport.Loss,
        _ right: StreamReport.Loss
    ) -> StreamReport.Loss? {
        guard left.kind == right.kind, right.first == left.last + 1,
            left.receivers == right.receivers, left.isMissingAtTap == right.isMissingAtTap,
            left.isConfirmed == right.isConfirmed
        else { return nil }
        var joined = left
        joined.last = right.last
        joined.count += right.count
        joined.nanoseconds = min(left.nanoseconds, right.nanoseconds)
        return joined
    }
}
