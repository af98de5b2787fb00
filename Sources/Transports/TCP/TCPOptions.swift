/// What a socket asks of the kernel for its connections over TCP: at `tcp://`, `ws://` and `wss://` endpoints. `nil` is the system's
/// own choice, everywhere.
public struct TCPOptions: Equatable, Sendable {
    /// Time between keep-alive probes, where `SocketOptions.keepAlive` is set: whole seconds, 1 to 32,767.
    public var keepAliveInterval: Duration?
    /// Probes without an answer after which the peer's machine counts as gone: 1 to 127.
    public var keepAliveProbeCount: Int?
    /// How long sent octets may stay unacknowledged before the connection is given up, from 1 ms to 2³¹−1 ms (RFC 5482;
    /// `TCP_USER_TIMEOUT`).
    public var unacknowledgedTimeout: Duration?
    /// The DSCP of what is sent, 0 to 63 (RFC 2474). The whole field, libzmq's TOS, is four times that.
    public var dscp: Int?
    /// The kernel's queueing priority of what is sent: 0 to 6, and higher with CAP_NET_ADMIN (`SO_PRIORITY`).
    public var priority: Int?
    /// The interface, or VRF, whose packets alone are taken and by which all leave (`SO_BINDTODEVICE`); at most 15 octets. A
    /// process without CAP_NET_RAW may set it once.
    public var device: String?
    /// How long a read looks for packets at the device before it sleeps: whole microseconds (`SO_BUSY_POLL`).
    public var busyPollTime: Duration?
    /// Whether a bind to addresses of IPv6 takes peers of IPv4, too. `true`: `*` means every address of either family;
    /// `false`: IPv6 means IPv6 alone, and `*` every address of IPv4.
    public var isDualStack: Bool?

    public init() {}

    /// What an option cannot be; `nil` when all is well.
    package var problem: String? {
        if let keepAliveInterval,
            !(Duration.seconds(1)...Duration.seconds(32_767)).contains(keepAliveInterval)
        {
            return "tcp.keepAliveInterval goes from 1 to 32,767 seconds"
        }
        if let keepAliveProbeCount, !(1...127).contains(keepAliveProbeCount) {
            return "tcp.keepAliveProbeCount goes from 1 to 127"
        }
        if let unacknowledgedTimeout,
            !(Duration.milliseconds(1)...Duration.milliseconds(Int32.max)).contains(
                unacknowledgedTimeout
            )
        {
            return "tcp.unacknowledgedTimeout goes from 1 to 2,147,483,647 milliseconds"
        }
        if let dscp, !(0...63).contains(dscp) { return "tcp.dscp goes from 0 to 63" }
        if let priority, !(0...Int(Int32.max)).contains(priority) {
            return "tcp.priority is not negative"
        }
        if let device, !(1...15).contains(device.utf8.count) {
            return "tcp.device is the name of an interface, 1 to 15 octets"
        }
        if let busyPollTime,
            !(Duration.zero...Duration.microseconds(Int32.max)).contains(busyPollTime)
        {
            return "tcp.busyPollTime goes from 0 to 2,147,483,647 microseconds"
        }
        return nil
    }
}
