import NIOCore

/// The channel options every kernel-socket transport shares.
struct ChannelTuning {
    let options: TransportOptions

    /// Large enough that one `writev` carries many runs, small enough that a stuck subscriber pins little.
    static let writeWaterMark = ChannelOptions.Types.WriteBufferWaterMark(
        low: 64 << 10,
        high: 256 << 10
    )

    /// A subscriber's connection only ever reads subscriptions; thousands of them must stay small.
    var readAllocator: any RecvByteBufferAllocator {
        switch options.reads {
        case .requests:
            AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: 64 << 10)
        case .bursts: BurstReadAllocator(idleByteCount: 1 << 10)
        case .bulk: BurstReadAllocator(idleByteCount: 64 << 10)
        }
    }

    /// Several reads per wake-up make one flush per subscriber carry more.
    var readCountPerWake: UInt { options.reads == .requests ? 2 : 8 }

    func apply(to channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.writeBufferWaterMark, value: Self.writeWaterMark)
        try options.setOption(.recvAllocator, value: readAllocator)
        try options.setOption(.maxMessagesPerRead, value: readCountPerWake)
        if let byteCount = self.options.kernelSendByteCount {
            try options.setOption(.socketOption(.so_sndbuf), value: .init(byteCount))
        }
        if let byteCount = self.options.kernelReceiveByteCount {
            try options.setOption(.socketOption(.so_rcvbuf), value: .init(byteCount))
        }
    }
}
