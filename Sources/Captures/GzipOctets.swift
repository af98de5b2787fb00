import CZlib
import Dissection

/// Decompresses gzip (RFC 1952): any number of members one after another, as `cat a.gz b.gz` and rotating tools make.
/// What comes after a fault is lost, what came before is not.
final class GzipOctets: OctetSource {
    private(set) var fault: CaptureNotice.Reason?
    var readByteCount: Int { file.readByteCount }

    private let file: FileOctets
    private var stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    /// Empty once the end was reached.
    private var output: UnsafeMutableRawBufferPointer
    private var input = UnsafeRawBufferPointer(start: nil, count: 0)
    private var isBetweenMembers = false
    private var isEnded = false

    static func isGzip(_ start: UnsafeRawBufferPointer) -> Bool {
        start.count >= 3 && start[0] == 0x1F && start[1] == 0x8B && start[2] == 8
    }

    init(_ file: FileOctets) throws(CaptureError) {
        self.file = file
        output = .allocate(byteCount: 256 << 10, alignment: 16)
        stream.initialize(to: z_stream())
        // 15: the largest window; 16: a gzip header.
        let status = inflateInit2_(
            stream,
            15 + 16,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard status == Z_OK else {
            throw CaptureError(source: "gzip", problem: "zlib does not start (code \(status))")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    func nextChunk() throws(CaptureError) -> UnsafeRawBufferPointer {
        var produced = 0
        while produced == 0, !isEnded {
            if input.isEmpty {
                input = try file.nextChunk()
                guard !input.isEmpty else {
                    end(isBetweenMembers ? nil : .truncatedCompression)
                    break
                }
            }
            if isBetweenMembers {
                // Zeros pad a tape's last block; anything else that is no member is no part of the stream.
                guard input[0] == 0x1F else {
                    end(input.allSatisfy { $0 == 0 } ? nil : .trailingOctets)
                    break
                }
                inflateReset(stream)
                isBetweenMembers = false
            }
            produced = inflateSome()
        }
        if produced == 0 {
            output.deallocate()
            output = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        }
        return UnsafeRawBufferPointer(rebasing: output[..<produced])
    }

    private func inflateSome() -> Int {
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        )
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        let status = inflate(stream, Z_NO_FLUSH)
        input = UnsafeRawBufferPointer(
            rebasing: input[(input.count - Int(stream.pointee.avail_in))...]
        )
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isBetweenMembers = true
        default: end(.corruptCompression)
        }
        return output.count - Int(stream.pointee.avail_out)
    }

    private func end(_ reason: CaptureNotice.Reason?) {
        isEnded = true
        fault = reason
    }
}
