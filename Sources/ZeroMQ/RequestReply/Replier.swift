import DataPlane
import NIOCore
import Synchronization
import ZMTP

/// REP: receives requests of all its peers in turn and answers each (RFC 28).
///
///     let replier = Replier()
///     try await replier.bind("tcp://*:5555")
///     try await replier.serve { request in "echo: \(request[0].text)" }
///
/// A reply to a peer that has left, or whose queue is full, is dropped and counted.
public final class Replier: PeerSocket, @unchecked Sendable {
    /// The request that has been received and not been answered.
    let current = Mutex<Request?>(nil)

    public init(options: SocketOptions = SocketOptions()) {
        super.init(core: ReplyCore(options: options), options: options)
    }

    /// Answers requests until the socket is closed or the task is cancelled. What `answer` throws ends it.
    ///
    /// - Parameters:
    ///   - concurrency: how many requests are answered at the same time; replies go out in the order in which they are ready.
    ///   - answer: called with the body of each request.
    /// - Throws: `ZeroMQError.cancelled`, and what `answer` throws.
    public func serve(
        concurrency: Int = 1,
        _ answer: @escaping @Sendable (Message) async throws -> Message
    ) async throws {
        precondition(concurrency > 0, "nothing can be answered by nobody")
        guard concurrency > 1 else {
            while let request = try await nextRequest() {
                try await send(answer(request.message), to: request)
            }
            return
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<concurrency {
                group.addTask {
                    while let request = try await self.nextRequest() {
                        try await self.send(answer(request.message), to: request)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// The next request, to be answered by `send` before the next one is received.
    ///
    /// - Throws: `ZeroMQError`: `busy` when the last one was not answered; `cancelled`; `closed`.
    public func receive() async throws(ZeroMQError) -> Message {
        try checkAnswered()
        guard let request = try await nextRequest() else { throw .closed }
        return take(request)
    }

    /// The next request; `nil` when none has come for as long as `timeout`.
    public func receive(timeout: Duration) async throws(ZeroMQError) -> Message? {
        try checkAnswered()
        return try await engine.takeItem(within: timeout).flatMap { Request($0) }.map { take($0) }
    }

    /// The next request, if one is there.
    ///
    /// - Throws: `ZeroMQError.busy` when the last one was not answered.
    public func tryReceive() throws(ZeroMQError) -> Message? {
        try checkAnswered()
        return engine.tryTake().flatMap { Request($0) }.map { take($0) }
    }

    /// Answers the request that was received last.
    ///
    /// - Throws: `ZeroMQError`: `idle` when there is none; `cancelled`, `closed`.
    public func send(_ reply: Message) async throws(ZeroMQError) {
        try await send(reply, to: takeRequest())
    }

    /// The request that is to be answered now.
    func takeRequest() throws(ZeroMQError) -> Request {
        guard let request = current.withLock({ $0.take() }) else {
            throw ZeroMQError(
                .idle,
                "there is no request to answer; a REP receives first, then sends"
            )
        }
        return request
    }

    private func send(_ reply: Message, to request: Request) async throws(ZeroMQError) {
        try await engine.append(request.encodedReply(reply))
    }

    /// `nil` when the socket is closed.
    private func nextRequest() async throws(ZeroMQError) -> Request? {
        let item = await inbox?.takeItem(wantsNotes: false).item
        if let request = item.flatMap({ Request($0) }) { return request }
        if Task.isCancelled { throw .cancelled }
        return nil
    }

    func checkAnswered() throws(ZeroMQError) {
        guard current.withLock({ $0 == nil }) else {
            throw ZeroMQError(
                .busy,
                "a request waits for its answer; send that before the next is received"
            )
        }
    }

    func take(_ request: Request) -> Message {
        current.withLock { $0 = request }
        return request.message
    }
}
