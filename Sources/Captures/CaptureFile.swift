public import Dissection
import Glibc

/// A capture in a file or pipe, packet by packet.
public final class CaptureFile {
    /// As the user named it; `-` is standard input.
    public let name: String
    /// Octets of the file, compressed or not; `nil` for a pipe.
    public let fileByteCount: Int?
    /// Its end cannot be looked at without reading all of it.
    let isCompressed: Bool

    private let reader = CaptureReader()
    private let octets: any OctetSource
    private var isEnded = false

    /// Opens the file and looks at its first octets.
    ///
    /// - Throws: When it cannot be read, or is no capture.
    public init(_ path: String) throws(CaptureError) {
        name = path
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CaptureError(source: path, errno: errno) }
        let file = FileOctets(path, descriptor: descriptor)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw CaptureError(source: path, errno: errno)
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw CaptureError(source: path, problem: "a directory; name the captures in it")
        }
        fileByteCount = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
        let start = try file.peek(4)
        if start.isEmpty { throw CaptureError(source: path, problem: "empty") }
        if let tool = Self.decompressor(start) {
            throw CaptureError(
                source: path,
                problem:
                    "compressed in a way that is not read here; decompress it with \(tool) -d first, or pipe: "
                    + "\(tool) -dc FILE | xylem inspect -"
            )
        }
        isCompressed = GzipOctets.isGzip(start) || ZstdOctets.isZstd(start)
        if GzipOctets.isGzip(start) {
            octets = try GzipOctets(file)
        } else if ZstdOctets.isZstd(start) {
            octets = try ZstdOctets(file, name: path)
        } else {
            octets = file
        }
        try readStart()
    }

    /// What the capture says besides its packets; complete when `nextPacket` has returned `nil`.
    public var contents: CaptureContents { reader.contents }

    /// The part of the file that was read, 0…1; `nil` for a pipe.
    public var progress: Double? {
        guard let fileByteCount, fileByteCount > 0 else { return nil }
        return min(1, Double(octets.readByteCount) / Double(fileByteCount))
    }

    /// The next packet, `nil` at the end. Its octets are valid until the next call.
    ///
    /// - Throws: When the file cannot be read on; what was read stays good.
    @inline(__always)
    public func nextPacket() throws(CaptureError) -> CapturedPacket? {
        if let packet = reader.nextPacket() { return packet }
        return try packetOfNextChunks()
    }

    private func packetOfNextChunks() throws(CaptureError) -> CapturedPacket? {
        while !isEnded {
            try supply()
            if let packet = reader.nextPacket() { return packet }
        }
        return nil
    }

    private func supply() throws(CaptureError) {
        let chunk = try octets.nextChunk()
        if chunk.isEmpty {
            isEnded = true
            if let fault = octets.fault { reader.handleFault(fault) }
            reader.handleEnd()
        } else {
            reader.handle(chunk)
        }
    }

    /// Reads until it is clear that this is a capture.
    private func readStart() throws(CaptureError) {
        while !isEnded {
            try supply()
            if reader.detectFormat() { break }
        }
        guard reader.isCapture == true else {
            let fault = octets.fault.map { "; \($0.text)" } ?? ""
            throw CaptureError(
                source: name,
                problem: "neither pcap nor pcapng, plain or compressed with gzip or zstd\(fault)"
            )
        }
    }

    /// What undoes a compression that is known but not read.
    private static func decompressor(_ start: UnsafeRawBufferPointer) -> String? {
        guard start.count >= 4 else { return nil }
        return switch start.loadUnaligned(as: UInt32.self).bigEndian {
        case 0xFD37_7A58: "xz"
        case 0x0422_4D18: "lz4"
        case 0x425A_6800...0x425A_68FF: "bzip2"
        default: nil
        }
    }
}

/// Octets of a regular file; `nil` for a pipe or a device, which must not be opened twice.
func regularByteCount(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
}
