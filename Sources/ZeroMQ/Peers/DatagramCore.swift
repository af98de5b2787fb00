import DataPlane
import NIOCore
import Transports
import Wire
import ZMTP

/// DGRAM: datagrams to and from anybody, each with the address of the other end (libzmq's `test_dgram`; there is no RFC).
///
///     in:   address │ octets
///     out:  address │ octets        "" │ octets   to the endpoint that was connected
final class DatagramCore: PeerCore, @unchecked Sendable {
    let ports: DatagramPorts
    /// The last address that was sent to, which is most often the next, too.
    private var lastTarget: (text: String, address: SocketAddress?) = ("", nil)

    init(options: SocketOptions) {
        let home = options.eventLoop ?? SharedEventLoops.standard
        ports = DatagramPorts(type: .dgram, role: .single, home: home, options: options)
        super.init(type: .dgram, options: options, home: home, receives: true, sends: true)
        ports.setReceiver { [weak self] in self?.receive($0, at: $1) }
    }

    override var datagrams: DatagramPorts? { ports }

    override func fits(_ message: ByteBuffer) -> Bool { message.hasFrames(2) }

    private func receive(_ arrival: DatagramPort.Arrival, at port: PeerID) {
        guard case .datagram(let octets, let sender) = arrival,
            octets.readableBytes <= options.messageByteCountMax ?? .max
        else { return ports.drop(.tooLarge) }
        let address = sender.endpointText ?? ""
        var message = ByteBuffer()
        message.reserveCapacity(11 + address.utf8.count + octets.readableBytes)
        message.writeFrameHeader(bodyByteCount: address.utf8.count, hasMore: true)
        message.writeString(address)
        message.writeFrameHeader(bodyByteCount: octets.readableBytes, hasMore: false)
        message.writeImmutableBuffer(octets)
        if inbox?.offer(message, messageCount: 1, from: port) == false { ports.drop(.queueFull) }
    }

    override func drainOutlet() {
        home.assertInEventLoop()
        guard let chunk = outlet?.take() else { return settleIfEmpty() }
        chunk.buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {
                let address = UnsafeRawBufferPointer(rebasing: bytes[walker.topic])
                let body = FrameHeader(at: walker.topic.upperBound, in: bytes)
                let start = walker.topic.upperBound + body.byteCount
                send(UnsafeRawBufferPointer(rebasing: bytes[start..<walker.end]), to: address)
            }
        }
        // Later, so that a fast sender does not keep the loop from its sockets.
        home.execute { self.drainOutlet() }
    }

    private func send(_ octets: UnsafeRawBufferPointer, to address: UnsafeRawBufferPointer) {
        guard !address.isEmpty else { return ports.send(octets) }
        let text = Self.text(address)
        if lastTarget.text != text {
            lastTarget = (text, SocketAddress(endpointText: text))
        }
        guard let target = lastTarget.address else { return ports.drop(.unroutable) }
        ports.send(octets, to: target)
    }

    /// libzmq ends an address with a zero octet.
    static func text(_ address: UnsafeRawBufferPointer) -> String {
        String(decoding: address.last == 0 ? address.dropLast() : address[...], as: UTF8.self)
    }
}
