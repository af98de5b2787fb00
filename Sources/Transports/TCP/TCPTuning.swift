import Glibc
import NIOCore
import Vocabulary
import Wire

/// Sets the kernel's options of a channel over TCP, before it is bound or connected.
struct TCPTuning: Sendable {
    let options: TransportOptions
    let endpoint: Endpoint

    /// Of a connection that was dialled, or comes from a listener that was not tuned here.
    func apply(toConnection channel: any Channel) throws {
        try applyInherited(to: channel)
        try apply(toAccepted: channel)
    }

    /// Of a connection from a listener that was tuned here.
    func apply(toAccepted channel: any Channel) throws {
        let tcp = options.tcp
        if let dscp = tcp.dscp {
            try set(Int32(IPPROTO_IP), IP_TOS, dscp << 2, "dscp", channel)
            // A socket of IPv4 has none.
            try? set(Int32(IPPROTO_IPV6), IPV6_TCLASS, dscp << 2, "dscp", channel)
        }
        if let priority = tcp.priority {
            try set(SOL_SOCKET, SO_PRIORITY, priority, "priority", channel)
        }
        if let time = tcp.busyPollTime {
            try set(SOL_SOCKET, SO_BUSY_POLL, Int(time.nanoseconds / 1000), "busyPollTime", channel)
        }
    }

    /// Of what accepts, or connects: where its packets come and go.
    func applyDevice(to channel: any Channel) throws {
        guard let device = options.tcp.device, let provider = channel as? any SocketOptionProvider
        else { return }
        var name: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &name) { $0.copyBytes(from: device.utf8.prefix(15)) }
        let outcome = provider.unsafeSetSocketOption(
            level: .init(rawValue: SOL_SOCKET),
            name: .init(rawValue: SO_BINDTODEVICE),
            value: name
        )
        // On the channel's loop it is done at once.
        outcome.whenFailure { _ in }
        var failure: (any Error)?
        outcome.assumeIsolated().whenFailure { failure = $0 }
        guard let failure else { return }
        let isUnknown = (failure as? IOError)?.errnoCode == ENODEV
        throw refusal(
            "device",
            isUnknown
                ? "this machine has no interface '\(device)'; " + LocalInterfaces.known
                : (failure as? IOError)?.explanation ?? "\(failure)"
        )
    }

    /// Of what listens.
    func apply(toListener channel: any Channel) throws {
        try applyDevice(to: channel)
        try applyInherited(to: channel)
        guard let isDualStack = options.tcp.isDualStack else { return }
        // A socket of IPv4 has none.
        try? set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, isDualStack ? 0 : 1, "isDualStack", channel)
    }

    /// What each accepted connection has from its listener (tcp(7)), so that none is asked for it: five system calls for each
    /// were a tenth of what a join cost.
    private func applyInherited(to channel: any Channel) throws {
        try set(Int32(IPPROTO_TCP), TCP_NODELAY, 1, "", channel)
        try applyKeepAlive(channel)
        guard let timeout = options.tcp.unacknowledgedTimeout else { return }
        let milliseconds = Int(timeout.nanoseconds / 1_000_000)
        try set(
            Int32(IPPROTO_TCP),
            TCP_USER_TIMEOUT,
            milliseconds,
            "unacknowledgedTimeout",
            channel
        )
    }

    private func applyKeepAlive(_ channel: any Channel) throws {
        guard let idle = options.keepAlive else { return }
        try set(SOL_SOCKET, SO_KEEPALIVE, 1, "", channel)
        // Three probes in the same time again; the system's own would take eleven minutes.
        let seconds = max(1, Int(clamping: idle.nanoseconds / 1_000_000_000))
        let interval = options.tcp.keepAliveInterval.map { Int($0.nanoseconds / 1_000_000_000) }
        for (option, value) in [
            (TCP_KEEPIDLE, min(seconds, 32_767)),
            (TCP_KEEPINTVL, interval ?? min(max(1, seconds / 3), 32_767)),
            (TCP_KEEPCNT, options.tcp.keepAliveProbeCount ?? 3),
        ] {
            try set(Int32(IPPROTO_TCP), option, value, "keepAlive", channel)
        }
    }

    private func set(
        _ level: Int32,
        _ name: Int32,
        _ value: Int,
        _ option: String,
        _ channel: any Channel
    ) throws {
        do {
            try channel.syncOptions?.setOption(
                ChannelOptions.Types.SocketOption(
                    level: .init(rawValue: level),
                    name: .init(rawValue: name)
                ),
                value: .init(value)
            )
        } catch let error as IOError {
            throw refusal(option, error.explanation)
        }
    }

    private func refusal(_ option: String, _ problem: String) -> EndpointError {
        EndpointRefusal(endpoint: endpoint)(option.isEmpty ? problem : "tcp.\(option): \(problem)")
    }
}
