import ArgumentParser
import Patterns
import Transports
import ZeroMQ

/// What both ends of a multicast measurement take; `tools/bench pgm` starts them in network namespaces.
struct MulticastPeerOptions: ParsableArguments {
    @Argument var endpoint: String
    @OptionGroup var bench: BenchOptions
    /// kbit/s that the publisher does not exceed; 0 = no limit.
    @Option var rate: Int
    @Option var recoveryMs: Int
    /// Octets of the kernel's buffer.
    @Option var buffer: Int

    func socketOptions() -> SocketOptions {
        SocketOptions { options in
            options.overflow = .block
            options.multicast.bitsPerSecond = rate == 0 ? nil : rate * 1_000
            options.multicast.recoveryTime = .milliseconds(recoveryMs)
            options.multicast.kernelByteCount = buffer
        }
    }
}
