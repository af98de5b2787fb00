import DataPlane

extension Blocking where Base: SendingSocket {
    /// Queues a message, blocking until there is room for it; for `timeout` at most.
    ///
    /// - Throws: `ZeroMQError`: `timedOut`, after which nothing was queued; `closed`.
    @available(*, noasync)
    public func send(_ message: Message, timeout: Duration? = nil) throws(ZeroMQError) {
        try append(message.encoded, timeout: timeout)
    }
}

extension Blocking where Base == Router {
    /// Sends a message to the peer that its first frame names. Blocks only with `isMandatory`, while that peer's queue is full.
    ///
    /// - Throws: `ZeroMQError`: with `isMandatory`, `unroutable` when no peer has that routing id, and `timedOut`; `closed`.
    @available(*, noasync)
    public func send(_ message: Message, timeout: Duration? = nil) throws(ZeroMQError) {
        guard socket.isMandatory else { return try append(message.encoded, timeout: timeout) }
        try wait { socket throws(ZeroMQError) in
            try await socket.core.sendWaiting(message.encoded, timeout: timeout)
        }
    }
}

extension Blocking where Base == RawStream {
    /// Sends octets to the peer that the first frame names, blocking until there is room there.
    ///
    /// - Throws: `ZeroMQError`: `unroutable` when no peer has that routing id; `timedOut`; `closed`.
    @available(*, noasync)
    public func send(_ message: Message, timeout: Duration? = nil) throws(ZeroMQError) {
        try wait { socket throws(ZeroMQError) in
            try await socket.core.sendWaiting(message.encoded, timeout: timeout)
        }
    }
}

extension Blocking where Base: PublishingSocket {
    /// Queues a message for every subscriber it matches. Never waits: what finds no room is for the overflow policy to decide.
    public func send(_ message: Message) { socket.send(message) }

    /// Queues a message, blocking while the queue is full: with the `block` policy, while any subscriber's is.
    ///
    /// - Throws: `ZeroMQError`: `timedOut`, after which nothing was queued; `closed`.
    @available(*, noasync)
    public func sendWaiting(_ message: Message, timeout: Duration? = nil) throws(ZeroMQError) {
        try append(message.encoded, timeout: timeout)
    }
}

extension Blocking where Base == XSubscriber {
    /// Sends a message to every connected XPUB, blocking while the socket's own queue is full.
    ///
    /// - Throws: `ZeroMQError`: `timedOut`, after which nothing was queued; `closed`.
    @available(*, noasync)
    public func send(_ message: Message, timeout: Duration? = nil) throws(ZeroMQError) {
        try append(message.encoded, timeout: timeout)
    }
}

extension Blocking where Base: RoutedSocket {
    /// Sends a message of one frame to one peer, blocking until there is room there.
    ///
    /// - Throws: `ZeroMQError`: `unroutable` when no peer has that routing id; `multipart`; `timedOut`; `closed`.
    @available(*, noasync)
    public func send(
        _ message: Message,
        to peer: RoutingID,
        timeout: Duration? = nil
    ) throws(ZeroMQError) {
        try wait { socket throws(ZeroMQError) in
            try await socket.core.sendWaiting(peer.addressing(message), timeout: timeout)
        }
    }
}
