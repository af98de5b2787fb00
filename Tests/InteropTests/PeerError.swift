/// Why a peer did not do what the test waited for.
enum PeerError: Error, CustomStringConvertible {
    /// Nothing fitting came in time; `seen` are the events that came instead.
    case timedOut(awaiting: String, seen: [String])
    /// The peer is gone, or closed its output.
    case ended(awaiting: String, seen: [String], diagnostics: String)
    /// The peer reported an `error` event.
    case failed(message: String)
    case unreadable(line: String)

    var description: String {
        switch self {
        case .timedOut(let awaited, let seen):
            "no \(awaited) in time; the peer said: \(seen)"
        case .ended(let awaited, let seen, let diagnostics):
            "the peer ended before \(awaited); it said: \(seen)\n\(diagnostics)"
        case .failed(let message):
            "the peer failed: \(message)"
        case .unreadable(let line):
            "the peer printed something that is no event: \(line)"
        }
    }
}
