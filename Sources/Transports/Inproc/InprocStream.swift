package import NIOCore

/// One end of an in-process stream: buffers change loops, their octets are never copied.
///
///     loop A: write … flush ──execute──▶ loop B: handleBytes, handleReadEnd
///             handleWritable ◀──execute── (acknowledged octets)
///
/// Octets that were sent and not yet handed to the other owner are in flight; above the bound the stream is not writable.
package final class InprocStream: ByteStream, @unchecked Sendable {
    /// What passes from one end to the other.
    private enum Piece {
        case octets(ByteBuffer)
        case bypass(any StreamBypass)
    }

    package let loop: any EventLoop
    package let peerDescription: String
    // Everything below is confined to `loop`.
    private var peer: InprocStream?
    private var owner: (any ByteStreamOwner)?
    private var outgoing: [ByteBuffer] = []
    private var inFlightByteCount = 0
    private var wasUnwritable = false
    private var isReading = true
    private var unread: [Piece] = []
    /// Whether the other end is closed. What it has sent is still delivered, as far as the owner reads.
    private var isPeerClosed = false
    private var isClosed = false

    init(loop: any EventLoop, name: String) {
        self.loop = loop
        self.peerDescription = "inproc://\(name)"
    }

    /// Joins the two ends, then opens each on its own loop.
    static func join(
        _ dialler: InprocStream,
        _ dialOwner: any ByteStreamOwner,
        _ listener: InprocStream,
        _ listenOwner: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) {
        dialler.owner = dialOwner
        dialler.peer = listener
        listener.loop.execute {
            listener.owner = listenOwner(listener)
            listener.peer = dialler
            // The dialler first: what the listener writes when it opens must find the other end open.
            dialler.loop.execute { dialler.owner?.handleOpen() }
            listener.owner?.handleOpen()
        }
    }

    package var mayFallSilent: Bool { false }

    package var isWritable: Bool {
        let isWritable =
            !isClosed && !isPeerClosed && inFlightByteCount < Self.inFlightByteCountMax
        if !isWritable { wasUnwritable = true }
        return isWritable
    }

    package func write(_ buffer: ByteBuffer) {
        loop.assertInEventLoop()
        guard !isClosed, buffer.readableBytes > 0 else { return }
        inFlightByteCount += buffer.readableBytes
        outgoing.append(buffer)
    }

    package func flush() {
        loop.assertInEventLoop()
        guard !isClosed, !outgoing.isEmpty, let peer else { return }
        let buffers = outgoing
        outgoing = []
        peer.loop.execute { peer.receive(buffers.map { .octets($0) }) }
    }

    package func offer(_ bypass: any StreamBypass) -> Bool {
        loop.assertInEventLoop()
        flush()
        guard !isClosed, let peer else { return false }
        peer.loop.execute { peer.receive([.bypass(bypass)]) }
        return true
    }

    package func setReading(_ isReading: Bool) {
        loop.assertInEventLoop()
        guard self.isReading != isReading else { return }
        self.isReading = isReading
        if isReading, !unread.isEmpty || isPeerClosed { loop.execute { self.deliver() } }
    }

    package func finish() {
        loop.assertInEventLoop()
        flush()
        close(error: nil)
    }

    package func abort() {
        loop.assertInEventLoop()
        close(error: nil)
    }

    private func close(error: (any Error)?) {
        guard !isClosed else { return }
        isClosed = true
        let owner = owner
        let peer = peer
        self.owner = nil
        self.peer = nil
        // Later, as a kernel socket would: nobody expects a call-back inside their own call.
        loop.execute { owner?.handleClose(error: error) }
        if let peer { peer.loop.execute { peer.handlePeerClose() } }
    }

    private func handlePeerClose() {
        loop.assertInEventLoop()
        guard !isClosed else { return }
        isPeerClosed = true
        peer = nil
        deliver()
    }

    private func receive(_ pieces: [Piece]) {
        loop.assertInEventLoop()
        guard !isClosed else { return }
        unread.append(contentsOf: pieces)
        deliver()
    }

    private func deliver() {
        deliverUnread()
        // The end comes after all that was sent before it.
        if isPeerClosed, isReading, unread.isEmpty { close(error: nil) }
    }

    private func deliverUnread() {
        guard isReading, !unread.isEmpty, let owner else { return }
        let pieces = unread
        unread = []
        var byteCount = 0
        for (index, piece) in pieces.enumerated() {
            guard isReading else {
                unread = Array(pieces[index...]) + unread
                break
            }
            switch piece {
            case .octets(let buffer):
                byteCount += buffer.readableBytes
                owner.handleBytes(buffer)
            case .bypass(let bypass): owner.handleOffer(bypass)
            }
        }
        owner.handleReadEnd()
        guard let peer else { return }
        peer.loop.execute { [byteCount] in peer.acknowledge(byteCount) }
    }

    private func acknowledge(_ byteCount: Int) {
        loop.assertInEventLoop()
        inFlightByteCount -= byteCount
        guard wasUnwritable, inFlightByteCount < Self.inFlightByteCountMax / 2 else { return }
        wasUnwritable = false
        owner?.handleWritable()
    }

    private static let inFlightByteCountMax = 1 << 20
}
