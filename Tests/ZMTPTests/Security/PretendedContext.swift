import Synchronization

@testable import ZMTP

/// A context without Kerberos: it needs a few tokens, seals by numbering and a sum, and opens each number once and in order.
final class PretendedContext: GSSAPIContext {
    private struct State {
        var tokenCount = 0
        var sealedCount: UInt8 = 0
        var openedCount: UInt8 = 0
        var isExpired = false
    }

    /// Tokens that each side sends.
    private let tokenCount: Int
    private let clientName: String?
    private let problem: String?
    private let state = Mutex(State())

    init(tokenCount: Int = 1, clientName: String? = nil, problem: String? = nil) {
        self.tokenCount = tokenCount
        self.clientName = clientName
        self.problem = problem
    }

    func expire() { state.withLock { $0.isExpired = true } }

    func advance(_ token: [UInt8]) throws(GSSAPIError) -> GSSAPIProgress {
        if let problem { throw GSSAPIError(problem) }
        let count = state.withLock { state in
            defer { state.tokenCount += 1 }
            return state.tokenCount
        }
        let isServer = clientName != nil
        let expected: [UInt8] = count == 0 && !isServer ? [] : [UInt8(isServer ? count : count - 1)]
        guard token == expected else { throw GSSAPIError("the token is \(token)") }
        // The server is done with its last token, the client with what comes back.
        let isComplete = count == (isServer ? tokenCount - 1 : tokenCount)
        return GSSAPIProgress(
            token: count < tokenCount ? [UInt8(count)] : [],
            isComplete: isComplete,
            clientName: isComplete ? clientName : nil
        )
    }

    func wrap(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        let number = state.withLock { state in
            defer { state.sealedCount &+= 1 }
            return state.isExpired ? nil : state.sealedCount
        }
        return number.map { [$0, Self.sum(text)] + text.map { $0 ^ 0x55 } }
    }

    func unwrap(_ token: UnsafeRawBufferPointer) -> [UInt8]? {
        guard token.count >= 2 else { return nil }
        let text = token[2...].map { $0 ^ 0x55 }
        let isNext = state.withLock { state in
            defer { state.openedCount &+= 1 }
            return token[0] == state.openedCount
        }
        return isNext && token[1] == Self.sum(text) ? text : nil
    }

    private static func sum(_ octets: some Sequence<UInt8>) -> UInt8 {
        octets.reduce(7) { $0 &* 31 &+ $1 }
    }
}
