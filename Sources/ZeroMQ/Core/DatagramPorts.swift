import DataPlane
import NIOCore
import Synchronization
import Transports
import Vocabulary
import ZMTP

/// The `udp://` endpoints of a socket, a port for each: what a pattern sends datagrams through and takes them from.
///
///     pattern ── send(octets) ─▶ every port that was connected, or one that was named
///     pattern ◀── arrival, port ── every port that was bound
///
/// Confined to the home loop, but for what senders ask before they queue anything.
package final class DatagramPorts: @unchecked Sendable {
    typealias Receive = @Sendable (DatagramPort.Arrival, PeerID) -> Void

    /// What a pattern does with datagrams.
    enum Role {
        /// It sends them to every endpoint.
        case sender
        /// It receives them at every endpoint.
        case receiver
        /// It does both, at one endpoint.
        case single
    }

    private struct Entry {
        var asked: Endpoint
        var isBound: Bool
        var port: DatagramPort
    }

    /// What senders look at on their own threads.
    private struct Outlook {
        var hasPorts = false
        /// Whether there is an endpoint that it sends to.
        var hasTarget = false
        var observe: @Sendable (SocketEvent) -> Void = { _ in }
        var receive: Receive = { _, _ in }
    }

    private let type: SocketType
    private let role: Role
    private let home: any EventLoop
    private let options: SocketOptions
    private var entries: [Entry] = []
    private var isClosed = false
    /// What was dropped here, without what the kernel has dropped.
    private var dropped = DropCounts()
    private let outlook = Mutex(Outlook())

    init(type: SocketType, role: Role, home: any EventLoop, options: SocketOptions) {
        self.type = type
        self.role = role
        self.home = home
        self.options = options
    }

    /// Hears of every datagram, on the home loop.
    func setReceiver(_ receive: @escaping Receive) {
        outlook.withLock { $0.receive = receive }
    }

    func setObserver(_ observe: @escaping @Sendable (SocketEvent) -> Void) {
        outlook.withLock { $0.observe = observe }
    }

    // MARK: Endpoints

    /// Opens a port at the endpoint, and gives it with wildcards resolved. To connect twice to an endpoint changes nothing.
    func open(_ endpoint: Endpoint, isBound: Bool) -> EventLoopFuture<Endpoint> {
        if let problem = problem(isBound: isBound) {
            return home.makeFailedFuture(EndpointRefusal(endpoint: endpoint)(problem))
        }
        let peer = PeerID(rawValue: Self.nextPeer.wrappingAdd(1, ordering: .relaxed).newValue)
        let receive = outlook.withLock { $0.receive }
        let transport = options.transport
        let opened =
            isBound
            ? DatagramPort.bind(endpoint, on: home, options: transport) { receive($0, peer) }
            : DatagramPort.connect(endpoint, on: home, options: transport) { receive($0, peer) }
        return opened.hop(to: home).flatMapThrowing { port in
            do {
                guard try self.admit(port, asked: endpoint, isBound: isBound) else {
                    _ = port.close()
                    return endpoint
                }
            } catch {
                _ = port.close()
                throw error
            }
            if isBound { self.observe(.listening(port.endpoint)) }
            return port.endpoint
        }
    }

    private func admit(_ port: DatagramPort, asked: Endpoint, isBound: Bool) throws -> Bool {
        guard !isClosed else { throw ZeroMQError.closed }
        guard isBound || !entries.contains(where: { !$0.isBound && $0.asked == asked }) else {
            return false
        }
        if role == .single, let other = entries.first {
            throw EndpointRefusal(endpoint: asked)(
                "\(type.withArticle) has one endpoint, and this one has \(other.port.endpoint)"
            )
        }
        entries.append(Entry(asked: asked, isBound: isBound, port: port))
        updateOutlook()
        return true
    }

    private func problem(isBound: Bool) -> String? {
        switch role {
        case .sender where isBound:
            return
                "\(type.withArticle) sends datagrams and receives none; connect to udp:// endpoints"
        case .receiver where !isBound:
            return "\(type.withArticle) receives datagrams and sends none; bind to udp:// endpoints"
        case .sender, .receiver, .single: break
        }
        // What must be secret must not leave in the clear because of where it leaves.
        if case .null = options.security, options.authenticator == nil { return nil }
        return
            "PLAIN, CURVE and authenticators are for connections, and udp has none; use another socket"
    }

    /// Closes the endpoint, as it was resolved or as it was asked for; `false`: there is none.
    func close(_ endpoint: Endpoint, wasBound: Bool) -> EventLoopFuture<Bool> {
        home.flatSubmit {
            let index = self.entries.firstIndex {
                $0.isBound == wasBound && ($0.port.endpoint == endpoint || $0.asked == endpoint)
            }
            guard let index else { return self.home.makeSucceededFuture(false) }
            let port = self.entries.remove(at: index).port
            self.updateOutlook()
            self.dropped.add(port.kernelDropCount, .queueFull)
            return port.close().map {
                if wasBound { self.observe(.stoppedListening(port.endpoint)) }
                return true
            }
        }
    }

    /// Closes all of them, and opens no more.
    func close() -> EventLoopFuture<Void> {
        home.flatSubmit {
            self.isClosed = true
            let ports = self.entries.map(\.port)
            for port in ports { self.dropped.add(port.kernelDropCount, .queueFull) }
            self.entries = []
            self.updateOutlook()
            return .andAllComplete(ports.map { $0.close() }, on: self.home)
        }
    }

    /// The endpoints that are bound now, resolved.
    var boundEndpoints: EventLoopFuture<[Endpoint]> {
        home.submit { self.entries.filter(\.isBound).map(\.port.endpoint) }
    }

    private func updateOutlook() {
        outlook.withLock { outlook in
            outlook.hasPorts = !entries.isEmpty
            outlook.hasTarget = entries.contains { !$0.isBound }
        }
    }

    private func observe(_ event: SocketEvent) {
        let observe = outlook.withLock { $0.observe }
        observe(event)
    }

    // MARK: Traffic

    var isOpen: Bool { outlook.withLock { $0.hasPorts } }

    /// Whether there is an endpoint that it sends to.
    var hasTarget: Bool { outlook.withLock { $0.hasTarget } }

    /// Refuses what no datagram could hold, if there are ports that it would go to.
    func check(byteCount: Int) throws(ZeroMQError) {
        let byteCountMax = options.datagrams.datagramByteCountMax
        guard byteCount > byteCountMax, isOpen else { return }
        throw ZeroMQError(
            .tooLong,
            "the message takes \(byteCount) octets, and a datagram has at most \(byteCountMax) (datagrams.datagramByteCountMax); send it by tcp, or in pieces"
        )
    }

    /// Sends a datagram to that place, or to every endpoint that was connected.
    func send(_ datagram: UnsafeRawBufferPointer, to target: SocketAddress? = nil) {
        home.assertInEventLoop()
        for entry in entries where target != nil || !entry.isBound {
            switch entry.port.send(datagram, to: target) {
            case .sent: break
            case .full: drop(.queueFull)
            case .unroutable: drop(.unroutable)
            case .tooLong: drop(.tooLarge)
            case .closed: drop(.disconnected)
            }
        }
    }

    /// A datagram came to nothing.
    func drop(_ reason: DropReason) {
        home.assertInEventLoop()
        dropped.add(1, reason)
    }

    /// What was dropped here and in the kernel.
    var drops: DropCounts {
        home.assertInEventLoop()
        return entries.reduce(into: dropped) { drops, entry in
            drops.add(entry.port.kernelDropCount, .queueFull)
        }
    }

    /// Ports count in the upper half of what connections count from below.
    private static let nextPeer = Atomic<UInt64>(1 << 63)
}
