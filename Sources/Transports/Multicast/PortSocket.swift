import Vocabulary

/// How the socket of a port is made: once when the endpoint is opened, and again each time it has failed.
struct PortSocket: Sendable {
    var link: MulticastLink
    var role: DatagramSocket.Role
    var filter: SocketFilter?
    /// What is asked of the kernel; `nil`: the system's own sizes do.
    var buffers: (receive: Int, send: Int)?

    func open() throws(EndpointError) -> DatagramSocket {
        var socket = try link.makeSocket(role)
        if let filter { socket.install(filter) }
        if let buffers { socket.requestBuffers(receive: buffers.receive, send: buffers.send) }
        return socket
    }
}
