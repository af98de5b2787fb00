import Dissection
import Glibc

/// Octets in chunks, from a file, a pipe or a compressed stream.
protocol OctetSource: AnyObject {
    /// The next chunk, valid until the next call; empty at the end.
    func nextChunk() throws(CaptureError) -> UnsafeRawBufferPointer
    /// What ended the octets too early, if something did.
    var fault: CaptureNotice.Reason? { get }
    /// Octets read of the file itself, before they were decompressed.
    var readByteCount: Int { get }
}

/// Reads a descriptor. Not mapped: a file that shrinks while it is read would end the process.
final class FileOctets: OctetSource {
    let fault: CaptureNotice.Reason? = nil
    private(set) var readByteCount = 0

    private let name: String
    private let descriptor: Int32
    /// Empty once the end was reached: many captures may be open.
    private var buffer: UnsafeMutableRawBufferPointer
    /// Octets that were read ahead to tell the format.
    private var pendingByteCount = 0

    init(_ name: String, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
        // Small enough to stay in the processor's cache until it is looked at.
        buffer = .allocate(byteCount: 256 << 10, alignment: 4096)
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// The first octets, at most a page, which the next chunk brings again; fewer than `count` only at the end.
    func peek(_ count: Int) throws(CaptureError) -> UnsafeRawBufferPointer {
        while pendingByteCount < count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[pendingByteCount..<4096])
            let got = try read(into: rest)
            guard got > 0 else { break }
            pendingByteCount += got
        }
        return UnsafeRawBufferPointer(rebasing: buffer[..<pendingByteCount])
    }

    func nextChunk() throws(CaptureError) -> UnsafeRawBufferPointer {
        var count = pendingByteCount
        pendingByteCount = 0
        if count == 0, !buffer.isEmpty { count = try read(into: buffer) }
        if count == 0 {
            buffer.deallocate()
            buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        }
        return UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }

    private func read(into target: UnsafeMutableRawBufferPointer) throws(CaptureError) -> Int {
        while true {
            let count = Glibc.read(descriptor, target.baseAddress, target.count)
            if count >= 0 {
                readByteCount += count
                return count
            }
            guard errno == EINTR else { throw CaptureError(source: name, errno: errno) }
        }
    }
}
