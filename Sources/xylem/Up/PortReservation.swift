import Glibc

/// Ports of the loopback interface that are kept for processes we start.
///
/// Each port is held by a socket that is bound and never listens. The kernel gives it to nobody else, neither to a
/// listener that asks for any port nor to an outgoing connection; but a process that binds this very port with
/// SO_REUSEADDR, as every listener here does, may listen at it, today and after each restart.
final class PortReservation {
    private var sockets: [Int32] = []

    deinit {
        for socket in sockets { close(socket) }
    }

    /// A port that is free now, and stays reserved as long as this object lives.
    func next() throws(CommandError) -> UInt16 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw Self.failure }
        sockets.append(socket)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var byteCount = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, byteCount) == 0 && getsockname(socket, $0, &byteCount) == 0
            }
        }
        guard isBound else { throw Self.failure }
        // Only after the bind: it shall not share a port that somebody else has bound.
        var isShared: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &isShared, socklen_t(MemoryLayout<Int32>.size))
        return UInt16(bigEndian: address.sin_port)
    }

    private static var failure: CommandError {
        .failure("cannot reserve a port: \(String(cString: strerror(errno)))")
    }
}
