package import NIOCore
package import ZMTP

/// A connected, ordered stream of octets: what every transport gives and every ZMTP session runs on.
///
/// A stream belongs to one event loop: every call and every call-back happens there.
package protocol ByteStream: AnyObject, Sendable {
    var loop: any EventLoop { get }
    /// The other end as a person would name it, such as `127.0.0.1:50312`.
    var peerDescription: String { get }
    /// This end, in the same form.
    var localDescription: String { get }
    /// Whether it carries octets that may be cut anywhere, or whole messages.
    var carriage: Carriage { get }
    /// Whether the other end may be gone without a word, as a machine without power is, or may stand still.
    var mayFallSilent: Bool { get }
    /// Whether the machine at the other end acknowledges what is sent.
    var isAcknowledged: Bool { get }
    /// Whether more octets should be given now; `handleWritable` tells when that becomes true again.
    var isWritable: Bool { get }
    /// Takes the octets; they leave at the next `flush`.
    func write(_ buffer: ByteBuffer)
    func flush()
    /// Offers a way beside the stream to the other end, after all that was written. `false` where there is none, which is where the other end
    /// is not in this process, or is gone.
    func offer(_ bypass: any StreamBypass) -> Bool
    /// Stops or resumes reading; what has been read already still arrives.
    func setReading(_ isReading: Bool)
    /// Sends what was written, then closes.
    func finish()
    /// Closes at once.
    func abort()
}

extension ByteStream {
    package var localDescription: String { peerDescription }
    package var carriage: Carriage { .octets }
    package var mayFallSilent: Bool { true }
    package var isAcknowledged: Bool { true }

    package func offer(_ bypass: any StreamBypass) -> Bool { false }
}

/// Who uses a stream.
package protocol ByteStreamOwner: AnyObject, Sendable {
    /// The stream is connected.
    func handleOpen()
    func handleBytes(_ buffer: ByteBuffer)
    /// The other end offers a way beside the stream. Whoever does not use it ends it.
    func handleOffer(_ bypass: any StreamBypass)
    /// The reads of one wake-up are over: a good moment to flush what they caused.
    func handleReadEnd()
    func handleWritable()
    /// The last call-back; `error` is `nil` when the peer closed in good order.
    func handleClose(error: (any Error)?)
}

extension ByteStreamOwner {
    package func handleOffer(_ bypass: any StreamBypass) { bypass.end() }
}
