import RouterNode
import Transports
import ZeroMQ

/// Queues so short that tests fill them.
enum Narrow {
    static func relay(_ configuration: inout RelayConfiguration) {
        configuration.queueLimit = QueueLimit(messageCount: 100, byteCount: 8 << 20)
    }

    /// A subscriber that takes little before its application asks for more.
    static func subscriber(_ options: inout SocketOptions) {
        options.queueLimit = QueueLimit(messageCount: 5)
        options.kernelReceiveByteCount = 32 << 10
    }
}
