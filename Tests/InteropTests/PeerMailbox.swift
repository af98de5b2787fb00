import Foundation
import Synchronization

/// Lines that a peer has printed and no test has taken yet.
///
/// One waits at a time. Bytes come from the pipe's reader thread, `nextLine` is called by the test.
final class PeerMailbox: Sendable {
    enum Line: Sendable {
        case text(String)
        case end
        case timedOut
    }

    private struct State {
        var lines: [String] = []
        var partialLine = Data()
        var hasEnded = false
        /// Numbers the waits, so that a late timer cannot end the wait after its own.
        var waitCount = 0
        var waiter: CheckedContinuation<Line, Never>?
    }

    private let state = Mutex(State())

    /// Takes what the pipe gave; no bytes are the end of the stream.
    func append(_ data: Data) {
        let resumption = state.withLock { state -> (CheckedContinuation<Line, Never>, Line)? in
            if data.isEmpty { state.hasEnded = true }
            state.partialLine.append(data)
            while let newline = state.partialLine.firstIndex(of: UInt8(ascii: "\n")) {
                let line = state.partialLine[..<newline]
                state.lines.append(String(decoding: line, as: UTF8.self))
                state.partialLine = Data(state.partialLine[(newline + 1)...])
            }
            guard let waiter = state.waiter, let line = Self.takeLine(from: &state) else {
                return nil
            }
            state.waiter = nil
            return (waiter, line)
        }
        if let (waiter, line) = resumption { waiter.resume(returning: line) }
    }

    /// The oldest line, as soon as there is one.
    func nextLine(within limit: Duration) async -> Line {
        await withCheckedContinuation { waiter in
            let immediate = state.withLock { state -> Line? in
                precondition(state.waiter == nil, "two tasks await events of one peer")
                if let line = Self.takeLine(from: &state) { return line }
                state.waiter = waiter
                state.waitCount += 1
                expire(state.waitCount, after: limit)
                return nil
            }
            if let immediate { waiter.resume(returning: immediate) }
        }
    }

    private func expire(_ wait: Int, after limit: Duration) {
        Task { [weak self] in
            try? await Task.sleep(for: limit)
            let waiter = self?.state.withLock { state -> CheckedContinuation<Line, Never>? in
                guard state.waitCount == wait else { return nil }
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume(returning: .timedOut)
        }
    }

    private static func takeLine(from state: inout State) -> Line? {
        if !state.lines.isEmpty { return .text(state.lines.removeFirst()) }
        return state.hasEnded ? .end : nil
    }
}
