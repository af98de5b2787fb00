import CDatagrams
import Glibc
import NIOCore

/// Writes to a kernel socket around the channel that owns it, as long as the kernel takes everything at once: a flush is one system
/// call and little else.
///
///     write … flush ── the kernel takes all ──▶ done
///                  └── it does not ──▶ the rest is the channel's, which waits until it can go on
///
/// Confined to the channel's loop. It is closed before its owner hears that the channel is: the descriptor may be somebody else's then.
struct DirectWriter: ~Copyable {
    enum Outcome {
        case done
        /// The kernel takes no more, or the connection is broken, as the channel will find.
        case stopped
    }

    private var descriptor: Int32 = -1
    // Most flushes have one piece.
    private var first = ByteBuffer()
    private var others: [ByteBuffer] = []
    /// Of what waits for the flush.
    private(set) var byteCount = 0

    var isOpen: Bool { descriptor >= 0 }

    mutating func open(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// What waits is thrown away.
    mutating func close() {
        descriptor = -1
        clear()
    }

    mutating func append(_ buffer: ByteBuffer) {
        guard buffer.readableBytes > 0 else { return }
        if byteCount == 0 { first = buffer } else { others.append(buffer) }
        byteCount += buffer.readableBytes
    }

    mutating func flush() -> Outcome {
        while byteCount > 0 {
            let sentByteCount = others.isEmpty ? sendFirst() : sendMany()
            if sentByteCount < 0, errno == EINTR { continue }
            guard sentByteCount > 0 else { return .stopped }
            if sentByteCount == byteCount {
                clear()
            } else {
                drop(sentByteCount)
            }
        }
        return .done
    }

    /// What the kernel has not taken.
    mutating func takeRest() -> [ByteBuffer] {
        defer { clear() }
        return byteCount == 0 ? [] : [first] + others
    }

    private func sendFirst() -> Int {
        first.withUnsafeReadableBytes {
            send(descriptor, $0.baseAddress, $0.count, Self.flags)
        }
    }

    private func sendMany() -> Int {
        let count = min(others.count + 1, Self.pieceCountMax)
        return withUnsafeTemporaryAllocation(of: iovec.self, capacity: count) { pieces in
            // The storages are held by `first` and `others`, which nobody touches before the call is over.
            pieces.initializeElement(at: 0, to: Self.piece(first))
            for index in 1..<count {
                pieces.initializeElement(at: index, to: Self.piece(others[index - 1]))
            }
            var message = msghdr()
            message.msg_iov = pieces.baseAddress
            message.msg_iovlen = count
            return sendmsg(descriptor, &message, Self.flags)
        }
    }

    private static func piece(_ buffer: ByteBuffer) -> iovec {
        buffer.withUnsafeReadableBytes {
            iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
        }
    }

    private mutating func drop(_ sentByteCount: Int) {
        var left = sentByteCount
        byteCount -= sentByteCount
        var rest = ([first] + others)[...]
        while let piece = rest.first, piece.readableBytes <= left {
            left -= piece.readableBytes
            rest.removeFirst()
        }
        first = rest.removeFirst()
        first.moveReaderIndex(forwardBy: left)
        others = Array(rest)
    }

    private mutating func clear() {
        first = ByteBuffer()
        // An idle connection is to stay small.
        if !others.isEmpty {
            others.removeAll(keepingCapacity: others.count <= Self.keptPieceCountMax)
        }
        byteCount = 0
    }

    private static let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
    /// `sendmsg` takes 1,024 at most.
    private static let pieceCountMax = 256
    private static let keptPieceCountMax = 16
}
