/// What a report comes to, in a word.
public enum Conclusion: Sendable {
    /// Nothing is worth a warning.
    case good
    /// Nothing is lost, but something will be, or could not be seen.
    case warning
    /// Somebody misses data, or will at the next loss.
    case problem
    /// There is nothing in here to judge.
    case nothing
}

extension InspectionReport {
    public var conclusion: Conclusion {
        switch findings.first?.severity {
        case .problem: .problem
        case .warning: .warning
        case .note, nil:
            streams.isEmpty && radio.isEmpty && !sessions.contains { $0.content == .zmtp }
                ? .nothing : .good
        }
    }
}
