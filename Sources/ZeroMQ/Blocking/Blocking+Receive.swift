import DataPlane

extension Blocking where Base: ReceivingSocket {
    /// The oldest message, as soon as there is one.
    ///
    /// - Throws: `ZeroMQError.closed`.
    @available(*, noasync)
    public func receive() throws(ZeroMQError) -> Message {
        guard let message = try take(timeout: nil).flatMap({ Message($0) }) else { throw .closed }
        return message
    }

    /// The oldest message, as soon as there is one; `nil` when none has come for as long as `timeout`.
    ///
    /// - Throws: `ZeroMQError.closed`.
    @available(*, noasync)
    public func receive(timeout: Duration) throws(ZeroMQError) -> Message? {
        try take(timeout: timeout).flatMap { Message($0) }
    }
}

extension Blocking where Base: SubscribingSocket {
    /// Asks for every message that begins with the topic.
    @available(*, noasync)
    public func subscribe(to topic: String) throws(ZeroMQError) {
        try wait(for: socket.core.subscribe(to: [Array(topic.utf8)]))
    }

    /// Cancels one subscription.
    @available(*, noasync)
    public func unsubscribe(from topic: String) throws(ZeroMQError) {
        try wait(for: socket.core.cancel([Array(topic.utf8)]))
    }
}

extension Blocking where Base == XPublisher {
    /// The next piece of news; `nil` when there was none for as long as `timeout`.
    ///
    /// - Throws: `ZeroMQError.closed`.
    @available(*, noasync)
    public func receive(timeout: Duration? = nil) throws(ZeroMQError) -> SubscriptionNews? {
        try take(timeout: timeout).flatMap { socket.news($0) }
    }
}

extension Blocking where Base: RoutedSocket {
    /// The oldest message, as soon as there is one; `nil` when none has come for as long as `timeout`.
    ///
    /// - Throws: `ZeroMQError.closed`.
    @available(*, noasync)
    public func receive(timeout: Duration? = nil) throws(ZeroMQError) -> RoutedMessage? {
        try take(timeout: timeout).flatMap { RoutedMessage($0) }
    }
}

extension Blocking where Base == Dish {
    /// The oldest message, as soon as there is one; `nil` when none has come for as long as `timeout`.
    ///
    /// - Throws: `ZeroMQError.closed`.
    @available(*, noasync)
    public func receive(timeout: Duration? = nil) throws(ZeroMQError) -> GroupMessage? {
        try take(timeout: timeout).flatMap { GroupMessage($0) }
    }

    /// Asks every RADIO for the messages of that group.
    @available(*, noasync)
    public func join(_ group: Frame) throws(ZeroMQError) {
        try wait { socket throws(ZeroMQError) in try await socket.join(group) }
    }

    /// Takes a join back.
    @available(*, noasync)
    public func leave(_ group: Frame) throws(ZeroMQError) {
        try wait { socket throws(ZeroMQError) in try await socket.leave(group) }
    }
}
