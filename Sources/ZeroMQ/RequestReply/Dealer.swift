import NIOCore
import Wire
import ZMTP

/// DEALER: sends each message to the next peer in turn that has room and receives from all of them in turn (RFC 28): a REQ or REP without
/// lockstep.
///
///     let dealer = Dealer()
///     try await dealer.connect("tcp://broker.local:5555")
///     try await dealer.send(["", "a request"])
///     print(try await dealer.receive())
///
/// To a REP the empty frame is what ends the envelope: without it the message is thrown away there. `request` sees to that.
public final class Dealer: PeerSocket, SendingSocket, ReceivingSocket, @unchecked Sendable {
    private let core: DealerCore

    public init(options: SocketOptions = SocketOptions()) {
        core = DealerCore(options: options)
        super.init(core: core, options: options)
    }

    /// Sends a request to the next peer in turn and gives its reply; any number of them may be under way at once, also beside `send` and
    /// `receive`, which do not see them. It carries a number and an empty frame before the body, which every REP copies into its reply, and so must a
    /// ROUTER.
    ///
    ///     async let near = dealer.request("oslo")
    ///     async let far = dealer.request("perth")
    ///     print(try await near[0].text, try await far[0].text)
    ///
    /// - Parameters:
    ///   - message: the body.
    ///   - timeout: for all of it; `nil` = as long as it takes.
    /// - Returns: the body of the reply.
    /// - Throws: `ZeroMQError`: `timedOut`; `peerLost` when the peer that was asked has gone; `cancelled`; `closed`.
    public func request(
        _ message: Message,
        timeout: Duration? = nil
    ) async throws(ZeroMQError) -> Message {
        let (number, request, reply) = core.begin(message.encoded)
        let timer = timeout.map {
            home.scheduleTask(in: .nanoseconds($0.nanoseconds)) {
                self.core.abandon(number, ZeroMQError(.timedOut, "no reply came in time"))
            }
        }
        defer { timer?.cancel() }
        let core = core
        do {
            return try await withTaskCancellationHandler {
                do throws(ZeroMQError) {
                    if let timeout {
                        try await core.append(request, within: timeout)
                    } else {
                        try await core.append(request)
                    }
                } catch {
                    core.abandon(number, error)
                }
                return try await reply.get()
            } onCancel: {
                core.abandon(number, .cancelled)
            }
        } catch {
            throw ZeroMQError.wrap(error)
        }
    }
}
