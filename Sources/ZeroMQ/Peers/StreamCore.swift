import DataPlane
import NIOCore
import Patterns
import Synchronization
import Transports
import Vocabulary
import Wire
import ZMTP

/// STREAM: octets to and from peers that speak no ZMTP, each by its address (libzmq `zmq_socket(3)`).
///
///     in:   address │ what one read brought      address │ ""  it has come, or has gone
///     out:  address │ octets                     address │ ""  close it
final class StreamCore: AddressedCore, @unchecked Sendable {
    /// Ends the dialling of an endpoint, and the connection to it.
    private let hangUp = Mutex<@Sendable (Endpoint) -> Void>({ _ in })

    init(options: SocketOptions) {
        var options = options
        options.router.notifications = options.streamNotifications
        super.init(type: .stream, options: options, naming: .announced)
    }

    func setHangUpHandler(_ handler: @escaping @Sendable (Endpoint) -> Void) {
        hangUp.withLock { $0 = handler }
    }

    override func transmit(
        _ buffer: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        to connection: Connection
    ) {
        let frame = FrameHeader(at: range.lowerBound, in: bytes)
        guard frame.bodyByteCount == 0, !frame.hasMore else {
            return super.transmit(buffer, bytes, range, to: connection)
        }
        // What was sent before goes first.
        if let endpoint = connection.dialledEndpoint {
            let hangUp = hangUp.withLock { $0 }
            hangUp(endpoint)
        } else {
            connection.finish(linger: options.linger)
        }
    }
}
