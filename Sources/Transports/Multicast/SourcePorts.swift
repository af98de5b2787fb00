import Vocabulary
import NIOCore

/// The sockets of a source.
struct SourcePorts {
    /// Sends all packets, and receives what receivers send to us.
    var unicast: PacketPort?
    /// Receives what receivers send to the group.
    var group: PacketPort?
    /// Sends to this host only.
    var host: PacketPort?

    /// Opens them; what is open when one cannot be opened stays so until `close`.
    mutating func open(
        _ link: MulticastLink,
        loop: any EventLoop,
        owner: any PacketPortOwner
    ) throws(EndpointError) {
        let buffer = PacketBuffer()
        let kernelByteCount = link.options.kernelByteCount
        let upstream = SocketFilter.upstream(link.carrier, isV4: link.isV4)
        func port(_ socket: PortSocket) throws(EndpointError) -> PacketPort {
            try PacketPort(socket, buffer: buffer, loop: loop, owner: owner)
        }
        unicast = try port(
            PortSocket(
                link: link,
                role: .source,
                filter: link.carrier == .raw ? upstream : nil,
                buffers: (receive: kernelByteCount, send: kernelByteCount)
            )
        )
        group = try port(
            PortSocket(link: link, role: .group(link.address.sendGroup), filter: upstream)
        )
        guard link.carrier == .udp, link.options.isLoopbackEnabled else { return }
        host = try port(PortSocket(link: link, role: .host, filter: .nothing))
    }

    mutating func close() {
        unicast?.close()
        group?.close()
        host?.close()
        self = SourcePorts()
    }
}
