import ZeroMQ

/// A socket of any type, as far as a shell needs it.
struct ShellSocket: Sendable {
    /// Who speaks first, where that is settled.
    enum Turn: Sendable {
        case free, sendsFirst, receivesFirst
    }

    let socket: Socket
    /// `nil` where the type sends nothing.
    let send: (@Sendable (Message) async throws -> Void)?
    /// `nil` where the type receives nothing.
    let receive: (@Sendable () async throws -> Message)?
    /// `nil` where there are no topics.
    var subscribe: (@Sendable ([[UInt8]]) async throws -> Void)?
    /// `nil` where there are no groups.
    var join: (@Sendable (Frame) async throws -> Void)?
    /// What to wait for before anything is sent; `nil` where sends wait by themselves, or nothing is sent.
    var listeners: (@Sendable (_ count: Int, _ group: Frame?) -> ListenerAwait)?
    /// Connects, and gives what the peer there is called, where the type has names for peers.
    var connect: @Sendable (String) async throws -> String?
    var turn = Turn.free

    init(
        _ socket: Socket,
        send: (@Sendable (Message) async throws -> Void)? = nil,
        receive: (@Sendable () async throws -> Message)? = nil
    ) {
        self.socket = socket
        self.send = send
        self.receive = receive
        connect = {
            try await socket.connect($0)
            return nil
        }
    }
}
