import DataPlane
import NIOCore
import ZMTP

/// REQ: sends a request to the next peer in turn and receives its reply, then the next request (RFC 28).
///
///     let requester = Requester()
///     try await requester.connect("tcp://server.local:5555")
///     let reply = try await requester.request("time", timeout: .seconds(2))
///
/// For many requests at once, use `Dealer.request`.
public final class Requester: PeerSocket, @unchecked Sendable {
    let core: RequestCore

    public init(options: SocketOptions = SocketOptions()) {
        core = RequestCore(options: options)
        super.init(core: core, options: options)
    }

    /// Sends a request and gives its reply. One that is cancelled or timed out is abandoned: a late reply is thrown away, and the next request
    /// can be made.
    ///
    /// - Parameters:
    ///   - message: the body.
    ///   - timeout: for all of it; `nil` = as long as it takes.
    /// - Returns: the body of the reply.
    /// - Throws: `ZeroMQError`: `timedOut`; `peerLost` when the peer that was asked has gone; `busy` while another request is under way,
    ///   unless `options.request.isRelaxed`; `cancelled`; `closed`.
    public func request(
        _ message: Message,
        timeout: Duration? = nil
    ) async throws(ZeroMQError) -> Message {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        try await send(message, timeout: timeout)
        do throws(ZeroMQError) {
            if let reply = try await take(until: deadline) { return reply }
            throw ZeroMQError(.timedOut, "no reply came in time")
        } catch {
            core.abandon()
            throw error
        }
    }

    /// Sends a request; its reply is to be received before the next one.
    ///
    /// - Throws: `ZeroMQError`: as `request`.
    public func send(_ message: Message, timeout: Duration? = nil) async throws(ZeroMQError) {
        guard let request = core.begin(message.encoded) else { throw Self.busy }
        do throws(ZeroMQError) {
            if let timeout {
                try await core.append(request, within: timeout)
            } else {
                try await core.append(request)
            }
        } catch {
            core.abandon()
            throw error
        }
    }

    static let busy = ZeroMQError(
        .busy,
        "a request is under way; receive its reply first, or set options.request.isRelaxed"
    )

    /// The reply to the request that is under way.
    ///
    /// - Throws: `ZeroMQError`: `idle` when there is no request; `cancelled`; `closed`.
    public func receive() async throws(ZeroMQError) -> Message {
        try checkRequest()
        while true {
            if let reply = try await take(until: nil) { return reply }
        }
    }

    /// The reply to the request that is under way; `nil` when it has not come for as long as `timeout`, and is still waited for.
    public func receive(timeout: Duration) async throws(ZeroMQError) -> Message? {
        try checkRequest()
        return try await take(until: .now + timeout)
    }

    func checkRequest() throws(ZeroMQError) {
        guard core.isBusy || core.isReadable else {
            throw ZeroMQError(.idle, "no request was sent; a REQ sends first, then receives")
        }
    }

    /// `nil` when the time is up.
    private func take(
        until deadline: ContinuousClock.Instant?
    ) async throws(ZeroMQError) -> Message? {
        guard let inbox else { throw .unsupported }
        let outcome =
            if let deadline {
                await inbox.takeItem(within: max(.zero, deadline - .now), timer: home)
            } else {
                await inbox.takeItem()
            }
        switch outcome {
        case .item(.message(let reply, let peer)): return Message(encoded: reply, from: peer)
        case .item:
            throw .peerLost
        case .timedOut: return nil
        case .cancelled: throw .cancelled
        case .closed: throw .closed
        }
    }
}
