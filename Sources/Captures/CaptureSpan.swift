import Dissection
import Glibc

/// What the ends of a capture file say about it: enough to see whether another goes on where it ends.
struct CaptureSpan {
    var format: String
    var linkType: LinkType?
    /// Of the first packet; `nil` in a capture without packets.
    var first: Int64?
    /// Of the newest packet near the end; `nil` when that cannot be seen without reading all of it.
    var last: Int64?
    private var isCompressed: Bool

    /// - Throws: When it is no capture.
    init(_ path: String) throws(CaptureError) {
        try self.init(beginningOf: path)
        if first != nil, !isCompressed { last = Self.last(of: path) }
    }

    /// Without the last.
    init(beginningOf path: String) throws(CaptureError) {
        let file = try CaptureFile(path)
        let packet = try file.nextPacket()
        format = file.contents.format.name
        linkType = packet?.linkType ?? file.contents.interfaces.first?.linkType
        first = packet?.nanoseconds
        isCompressed = file.isCompressed
    }

    /// Reads the head, which describes interfaces, and the tail, in which the reader finds its place as it does behind damage.
    private static func last(of path: String) -> Int64? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        let byteCount = Int(status.st_size)
        let headEnd = min(byteCount, headByteCountMax)
        let tailStart = max(headEnd, byteCount - tailByteCountMax)
        let reader = CaptureReader()
        var last: Int64?
        func take(_ range: Range<Int>) {
            let buffer = UnsafeMutableRawBufferPointer.allocate(
                byteCount: range.count,
                alignment: 16
            )
            defer { buffer.deallocate() }
            let count = pread(descriptor, buffer.baseAddress, range.count, range.lowerBound)
            guard count > 0 else { return }
            reader.handle(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            while let packet = reader.nextPacket() { last = max(last ?? .min, packet.nanoseconds) }
        }
        take(0..<headEnd)
        take(tailStart..<byteCount)
        reader.handleEnd()
        while let packet = reader.nextPacket() { last = max(last ?? .min, packet.nanoseconds) }
        return last
    }

    private static let headByteCountMax = 64 << 10
    private static let tailByteCountMax = 1 << 20
}
