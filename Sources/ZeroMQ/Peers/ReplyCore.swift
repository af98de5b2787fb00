import DataPlane
import NIOCore
import Patterns
import Transports
import Wire
import ZMTP

/// REP: requests of all peers in turn, each with its envelope (RFC 28). What has no envelope is no request, and is dropped and counted.
///
///     in:   peer │ envelope │ "" │ body ─▶ application
///     out:  peer │ envelope │ "" │ reply ─▶ that peer
final class ReplyCore: AddressedCore, @unchecked Sendable {
    init(options: SocketOptions) {
        super.init(type: .rep, options: options, naming: .numbered)
    }

    /// The requests of a REQ have envelopes; those of a DEALER are looked at.
    override func linkPrefix(for connection: Connection) -> [UInt8]? {
        connection.peer?.socketType == .req ? super.linkPrefix(for: connection) : nil
    }

    override func accept(_ run: ByteBuffer, messageCount: Int, from connection: Connection) {
        var requestCount = 0
        var requests: ByteBuffer?
        run.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {
                let message = UnsafeRawBufferPointer(rebasing: bytes[walker.start..<walker.end])
                if Envelope(message) != nil {
                    requestCount += 1
                    requests?.writeBytes(message)
                } else if requests == nil {
                    requests = ByteBuffer(
                        bytes: UnsafeRawBufferPointer(rebasing: bytes[..<walker.start])
                    )
                }
            }
        }
        dropped.add(messageCount - requestCount, .malformed)
        guard requestCount > 0 else { return }
        deliver(requests ?? run, messageCount: requestCount, from: connection)
    }
}
