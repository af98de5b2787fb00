import ArgumentParser
import Patterns
import Transports
import ZeroMQ

/// Options that `Peers/peer.py` has too, and those that only we have.
struct PeerOptions: ParsableArguments {
    enum Role: String, ExpressibleByArgument {
        case publisher, subscriber
    }

    @Argument var role: Role
    @Option var bind: [String] = []
    @Option var connect: [String] = []
    @Option var topic = ""
    @Option var subscribe: [String] = []
    /// Of multicast, kbit/s.
    @Option var rate: Int?
    @Option var recoveryMs: Int?
    @Option var tpdu: Int?
    @Option var hops: Int?
    @Option var rcvbuf: Int?
    /// Between two heartbeats; else the default.
    @Option var heartbeatMs: Int?
    /// Members on this host hear us too.
    @Flag var loop = false

    func socketOptions() -> SocketOptions {
        SocketOptions { options in
            options.overflow = .block
            if let heartbeatMs {
                options.heartbeat = .sparing(interval: .milliseconds(heartbeatMs))
            }
            options.multicast.isLoopbackEnabled = loop
            if let rate { options.multicast.bitsPerSecond = rate * 1_000 }
            if let recoveryMs { options.multicast.recoveryTime = .milliseconds(recoveryMs) }
            if let hops { options.multicast.hops = hops }
            if let rcvbuf { options.multicast.kernelByteCount = rcvbuf }
            options.multicast.packetByteCountMax = tpdu
        }
    }
}
