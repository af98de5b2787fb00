import NIOCore
import Wire

/// Messages of one frame as they stand on the wire.
enum Encoded {
    static func message(_ body: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer()
        if body.count > 255 {
            buffer.writeInteger(UInt8(2))
            buffer.writeInteger(UInt64(body.count))
        } else {
            buffer.writeInteger(UInt8(0))
            buffer.writeInteger(UInt8(body.count))
        }
        buffer.writeBytes(body)
        return buffer
    }

    static func message(number: Int, byteCount: Int = 8) -> ByteBuffer {
        let digits = Array(String(number).utf8)
        return message(digits + [UInt8](repeating: 32, count: max(0, byteCount - digits.count)))
    }

    static func number(_ message: ByteBuffer) -> Int? {
        message.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            guard walker.next() else { return nil }
            let digits = bytes[walker.topic].prefix { $0 != 32 }
            return Int(String(decoding: digits, as: UTF8.self))
        }
    }

    /// The messages as slices of one read that filled the rest of its storage with what nobody wanted.
    static func slice(_ messages: [ByteBuffer], ofReadOf byteCount: Int) -> ByteBuffer {
        var read = ByteBuffer()
        read.reserveCapacity(byteCount)
        for message in messages { read.writeImmutableBuffer(message) }
        let length = read.readableBytes
        read.writeRepeatingByte(0, count: byteCount - length)
        return read.getSlice(at: 0, length: length) ?? ByteBuffer()
    }
}

/// The memory that buffers keep alive, each storage once.
struct HeldMemory {
    private(set) var byteCount = 0
    private(set) var storageCount = 0

    init(_ buffers: [ByteBuffer]) {
        var seen = Set<UnsafeMutableRawPointer>()
        for buffer in buffers {
            let storage = buffer.withVeryUnsafeBytesWithStorageManagement { $1.toOpaque() }
            guard seen.insert(storage).inserted else { continue }
            byteCount += buffer.storageCapacity
        }
        storageCount = seen.count
    }
}
