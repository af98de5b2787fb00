import DataPlane

extension Blocking where Base == Requester {
    /// Sends a request and gives its reply; one that timed out is abandoned, and the next one can be made.
    ///
    /// - Throws: `ZeroMQError`: `timedOut`; `peerLost`; `busy` while another request is under way, unless `options.request.isRelaxed`;
    ///   `closed`.
    @available(*, noasync)
    public func request(
        _ message: Message,
        timeout: Duration? = nil
    ) throws(ZeroMQError) -> Message {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        try send(message, timeout: timeout)
        do throws(ZeroMQError) {
            if let reply = try reply(within: deadline.map { max(.zero, $0 - .now) }) {
                return reply
            }
            throw ZeroMQError(.timedOut, "no reply came in time")
        } catch {
            socket.core.abandon()
            throw error
        }
    }

    /// Sends a request; its reply is to be received before the next one.
    ///
    /// - Throws: `ZeroMQError`: as `request`.
    @available(*, noasync)
    public func send(_ message: Message, timeout: Duration? = nil) throws(ZeroMQError) {
        guard let request = socket.core.begin(message.encoded) else { throw Requester.busy }
        do throws(ZeroMQError) {
            try append(request, timeout: timeout)
        } catch {
            socket.core.abandon()
            throw error
        }
    }

    /// The reply to the request that is under way; `nil` when it has not come for as long as `timeout`, and is still waited for.
    ///
    /// - Throws: `ZeroMQError`: `idle` when there is no request; `peerLost`; `closed`.
    @available(*, noasync)
    public func receive(timeout: Duration? = nil) throws(ZeroMQError) -> Message? {
        try socket.checkRequest()
        return try reply(within: timeout)
    }

    private func reply(within timeout: Duration?) throws(ZeroMQError) -> Message? {
        guard let item = try take(wantsNotes: true, timeout: timeout) else { return nil }
        guard let reply = Message(item) else { throw .peerLost }
        return reply
    }
}

extension Blocking where Base == Replier {
    /// Answers requests until the socket is closed; what `answer` throws ends it.
    @available(*, noasync)
    public func serve(_ answer: (Message) throws -> Message) throws {
        while true {
            let request: Message?
            do { request = try receive() } catch  where error.code == .closed { return }
            if let request { try send(try answer(request)) }
        }
    }

    /// The next request, to be answered by `send`; `nil` when none has come for as long as `timeout`.
    ///
    /// - Throws: `ZeroMQError`: `busy` when the last one was not answered; `closed`.
    @available(*, noasync)
    public func receive(timeout: Duration? = nil) throws(ZeroMQError) -> Message? {
        try socket.checkAnswered()
        return try take(timeout: timeout).flatMap { Request($0) }.map { socket.take($0) }
    }

    /// Answers the request that was received last. Never waits.
    ///
    /// - Throws: `ZeroMQError`: `idle` when there is none; `closed`.
    @available(*, noasync)
    public func send(_ reply: Message) throws(ZeroMQError) {
        try append(try socket.takeRequest().encodedReply(reply), timeout: nil)
    }
}
