import Dissection
import Captures

/// Tells a person at a terminal how far reading has come, once it takes more than a second.
struct InspectProgress {
    private var line = ProgressLine()

    mutating func show(_ input: InspectInput, _ packetCount: Int) {
        line.show("\(input.name): \(Figures.count(packetCount)) packets\(Self.share(input))")
    }

    mutating func clear() {
        line.clear()
    }

    private static func share(_ input: InspectInput) -> String {
        guard let progress = input.progress else { return "" }
        return ", \(Int(progress * 100)) %"
    }

    /// Says what the readers passed over, on standard error; for output that has no place for it.
    static func report(_ inputs: [InspectInput]) {
        for input in inputs {
            let contents = input.contents
            for notice in contents.notices.prefix(noticeCountMax) {
                Diagnostics.report("\(input.name): \(notice.text)")
            }
            let rest =
                contents.noticeCounts.reduce(0, +) - min(contents.notices.count, noticeCountMax)
            if rest > 0 { Diagnostics.report("\(input.name): \(rest) more such places") }
        }
    }

    private static let noticeCountMax = 10
}
