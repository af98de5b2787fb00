/// One thing an operator should know, with the number of times it happened and what to do about it.
///
/// Findings are what a report is read for, so there is one for each *cause*, not one for each packet: whoever makes
/// them counts first and speaks once.
public struct Finding: Sendable, Equatable {
    public enum Severity: Int, Sendable, Comparable {
        /// Good to know; nothing is wrong.
        case note = 0
        /// Works, but not as it should, or not for long.
        case warning = 1
        /// Somebody misses data, or will at the next loss.
        case problem = 2

        public static func < (left: Severity, right: Severity) -> Bool {
            left.rawValue < right.rawValue
        }

        /// `note`, `warning` or `problem`: the word in every output.
        public var text: String {
            switch self {
            case .note: "note"
            case .warning: "warning"
            case .problem: "problem"
            }
        }
    }

    public var severity: Severity
    /// Stable, for programs: `loss-unrepaired`. All of them are listed in docs/inspect.md.
    public var code: String
    /// What it is about, as text: a stream, a receiver, a capture.
    public var subject: String
    /// One or two sentences for an operator, which say what to do when there is something to do.
    public var text: String
    /// When it was seen first and last, since 1970, UTC; `nil` when it has no time.
    public var firstNanoseconds: Int64?
    public var lastNanoseconds: Int64?
    /// How many times: packets, sequence numbers, silences; the text says which.
    public var count: Int
    /// Index of the capture it was seen in; `nil` when it is about several.
    public var capture: Int?

    public init(
        _ severity: Severity,
        _ code: String,
        subject: String,
        text: String,
        firstNanoseconds: Int64? = nil,
        lastNanoseconds: Int64? = nil,
        count: Int = 1,
        capture: Int? = nil
    ) {
        self.severity = severity
        self.code = code
        self.subject = subject
        self.text = text
        self.firstNanoseconds = firstNanoseconds
        self.lastNanoseconds = lastNanoseconds
        self.count = count
        self.capture = capture
    }

    /// The order of every output: the worst first, then by time, then by name, so that equal input gives equal output.
    public static func isBefore(_ left: Finding, _ right: Finding) -> Bool {
        if left.severity != right.severity { return left.severity > right.severity }
        let leftTime = left.firstNanoseconds ?? .max
        let rightTime = right.firstNanoseconds ?? .max
        if leftTime != rightTime { return leftTime < rightTime }
        if left.code != right.code { return left.code < right.code }
        if left.subject != right.subject { return left.subject < right.subject }
        return (left.capture ?? -1) < (right.capture ?? -1)
    }
}
