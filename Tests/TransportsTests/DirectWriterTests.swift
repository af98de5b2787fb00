import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import Transports

@Suite struct DirectWriterTests {
    /// Two connected sockets; what one has not read yet is bounded.
    private struct Pair: ~Copyable {
        let near: Int32
        let far: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
            (near, far) = (ends[0], ends[1])
            var byteCount: Int32 = 16 << 10
            setsockopt(near, SOL_SOCKET, SO_SNDBUF, &byteCount, socklen_t(MemoryLayout<Int32>.size))
        }

        /// All that is there.
        func read() -> [UInt8] {
            var taken: [UInt8] = []
            var room = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = recv(far, &room, room.count, Int32(MSG_DONTWAIT))
                guard count > 0 else { return taken }
                taken += room[..<count]
            }
        }

        deinit {
            _ = Glibc.close(near)
            _ = Glibc.close(far)
        }
    }

    private static func octets(_ count: Int, from start: Int) -> [UInt8] {
        (start..<start + count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }

    @Test(arguments: [[1], [5, 0, 7], Array(repeating: 3, count: 600)])
    func whatTheKernelTakesArrivesInOrder(byteCounts: [Int]) throws {
        let pair = try Pair()
        var writer = DirectWriter()
        writer.open(pair.near)
        var sent: [UInt8] = []
        for count in byteCounts {
            let piece = Self.octets(count, from: sent.count)
            sent += piece
            writer.append(ByteBuffer(bytes: piece))
        }
        #expect(writer.byteCount == sent.count)
        let outcome = writer.flush()
        guard case .done = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(writer.byteCount == 0)
        #expect(pair.read() == sent)
    }

    /// Pieces of many sizes, cut wherever the kernel is full: what was sent and what is left are all of it, and nothing twice.
    @Test(arguments: [1, 2, 3, 50, 400])
    func whatTheKernelDoesNotTakeIsLeft(pieceCount: Int) throws {
        let pair = try Pair()
        var writer = DirectWriter()
        writer.open(pair.near)
        var sent: [UInt8] = []
        for _ in 0..<pieceCount {
            let piece = Self.octets(1 + 1_000_000 / pieceCount, from: sent.count)
            sent += piece
            writer.append(ByteBuffer(bytes: piece))
        }
        let outcome = writer.flush()
        guard case .stopped = outcome else {
            Issue.record("\(outcome)")
            return
        }
        let leftByteCount = writer.byteCount
        let rest = writer.takeRest().flatMap { Array($0.readableBytesView) }
        #expect(rest.count == leftByteCount)
        #expect(writer.byteCount == 0)
        let arrived = pair.read()
        #expect(!arrived.isEmpty)
        #expect(arrived + rest == sent)
    }

    @Test func aBrokenConnectionIsLeftToTheChannel() throws {
        let pair = try Pair()
        shutdown(pair.far, Int32(SHUT_RDWR))
        var writer = DirectWriter()
        writer.open(pair.near)
        writer.append(ByteBuffer(string: "x"))
        let outcome = writer.flush()
        guard case .stopped = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(writer.takeRest() == [ByteBuffer(string: "x")])
    }

    @Test func aClosedWriterKeepsNothing() throws {
        let pair = try Pair()
        var writer = DirectWriter()
        writer.open(pair.near)
        writer.append(ByteBuffer(string: "x"))
        writer.close()
        let isOpen = writer.isOpen
        #expect(!isOpen)
        #expect(writer.byteCount == 0)
        #expect(pair.read().isEmpty)
    }
}

/// A stream whose peer reads by fits and starts: its octets go around the pipeline, through it, and around it again.
@Suite struct HandedOverWriteTests {
    private final class Owner: ByteStreamOwner, @unchecked Sendable {
        // Confined to the stream's loop.
        var stream: (any ByteStream)?
        var onWritable: () -> Void = {}
        let isOpen: EventLoopPromise<Void>
        let isClosed: EventLoopPromise<Void>

        init(loop: any EventLoop) {
            isOpen = loop.makePromise()
            isClosed = loop.makePromise()
        }

        func handleOpen() { isOpen.succeed() }
        func handleBytes(_ buffer: ByteBuffer) {}
        func handleReadEnd() {}
        func handleWritable() { onWritable() }
        func handleClose(error: (any Error)?) { isClosed.succeed() }
    }

    @Test func theOrderIsKeptAcrossTheChannelsQueue() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let far = ends[1]
        defer { _ = Glibc.close(far) }
        let owner = Owner(loop: loop)
        _ = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try ChannelTuning(options: TransportOptions()).apply(to: channel)
                    try ChannelStream.install(in: channel, options: TransportOptions()) {
                        owner.stream = $0
                        return owner
                    }
                }
            }
            .withConnectedSocket(ends[0]).get()
        try await owner.isOpen.futureResult.get()
        let total = 20_000_000
        try await loop.submit {
            var written = 0
            let write = {
                while let stream = owner.stream, stream.isWritable, written < total {
                    // Of many sizes, some flushed together.
                    for _ in 0..<(1 + written % 5) where written < total {
                        let count = min(total - written, 1 + written * 7919 % 50_000)
                        stream.write(
                            ByteBuffer(
                                bytes: (written..<written + count).map {
                                    UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8)
                                }
                            )
                        )
                        written += count
                    }
                    stream.flush()
                }
                if written == total { owner.stream?.finish() }
            }
            owner.onWritable = write
            write()
        }.get()
        let mismatch = await Task.detached { Self.readAll(far, total) }.value
        #expect(mismatch == nil)
        try await owner.isClosed.futureResult.get()
    }

    /// Reads in pieces of changing size, so that the writer now finds room and now does not. Gives what is wrong, if anything.
    private static func readAll(_ descriptor: Int32, _ total: Int) -> String? {
        var room = [UInt8](repeating: 0, count: 700_000)
        var position = 0
        while true {
            let count = recv(descriptor, &room, 1 + position * 104_729 % room.count, 0)
            guard count > 0 else {
                shutdown(descriptor, Int32(SHUT_RDWR))
                return position == total ? nil : "\(position) of \(total) octets arrived"
            }
            for octet in room[..<count] {
                guard octet == UInt8(truncatingIfNeeded: position &* 31 &+ position >> 8) else {
                    return "octet \(position) is another"
                }
                position += 1
            }
        }
    }
}
