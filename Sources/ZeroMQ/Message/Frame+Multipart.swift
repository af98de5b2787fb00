import NIOCore
import Wire

/// Whole messages in one frame (RFC 50 "MME"): to keep them in a file, or to send them where a message has one frame.
extension Frame {
    /// The frames, each with its length before it. Of no frames at all, it is empty.
    ///
    ///     try await client.send(Message([Frame(encoding: ["GET", "weather.oslo"])]))
    ///
    /// - Throws: `ZeroMQError.malformed` for a frame of 4 GiB or more.
    public init(encoding frames: some Collection<Frame>) throws(ZeroMQError) {
        var encoded = ByteBuffer()
        encoded.reserveCapacity(frames.reduce(0) { $0 + $1.count + 5 })
        do throws(MultipartEncoding.Failure) {
            for frame in frames {
                encoded.writeBytes(try MultipartEncoding.header(frameByteCount: frame.count))
                encoded.writeImmutableBuffer(frame.buffer)
            }
        } catch {
            throw ZeroMQError(.malformed, "a frame of 4 GiB cannot be encoded (RFC 50); cut it up")
        }
        self.init(encoded)
    }

    /// The frames that `init(encoding:)` was given; they share storage with this one.
    ///
    /// - Throws: `ZeroMQError.malformed` for octets that are no such frames.
    public func decodedFrames() throws(ZeroMQError) -> [Frame] {
        do {
            let ranges = try buffer.withUnsafeReadableBytes { try MultipartEncoding.frames(in: $0) }
            return ranges.map { range in
                Frame(
                    buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count)
                        ?? ByteBuffer()
                )
            }
        } catch {
            throw ZeroMQError(
                .malformed,
                "the frame does not hold frames as RFC 50 encodes them (\(error))"
            )
        }
    }
}
