/// Says every second what arrived in it.
struct RateLines {
    private let intakes: [Intake]

    init(_ intakes: [Intake]) {
        self.intakes = intakes
    }

    func run() async throws {
        var before = Sum(intakes)
        var moment = ContinuousClock.now
        while true {
            try await Task.sleep(for: .seconds(1))
            let (after, now) = (Sum(intakes), ContinuousClock.now)
            let seconds = (now - moment) / .seconds(1)
            Diagnostics.write(after.text(since: before, seconds: seconds))
            (before, moment) = (after, now)
        }
    }

    /// Of all places.
    struct Sum: Equatable {
        var messageCount = 0
        var byteCount = 0
        var missingCount: UInt64 = 0
        var duplicateCount: UInt64 = 0

        func text(since before: Sum, seconds: Double) -> String {
            let messages = Int(Double(messageCount - before.messageCount) / seconds)
            let bytes = Int(Double(byteCount - before.byteCount) / seconds)
            return "\(Figures.exact(messages)) messages/s, \(Figures.byteCount(bytes))/s, "
                + "\(missingCount) missing, \(duplicateCount) duplicated"
        }
    }
}

extension RateLines.Sum {
    init(_ intakes: [Intake]) {
        for intake in intakes {
            let tally = intake.tally
            messageCount += tally.messageCount
            byteCount += tally.byteCount
            missingCount += tally.missingCount
            duplicateCount += tally.duplicateCount
        }
    }
}
