public import Dissection

/// One capture that was written in several files, read as if it were one.
///
/// A file is opened when the time of its first packet has come. Where files overlap, as those of two directions do, packets come in the order of their times.
public final class CaptureSeries {
    /// A file that is being read.
    private final class Source {
        let file: CaptureFile
        var pending: CapturedPacket?
        /// Which interface of the capture an interface of the file is.
        var interfaces: [Int] = []

        init(_ file: CaptureFile) { self.file = file }
    }

    /// The first file's.
    public let name: String
    /// In the order of their first packets.
    public let files: [String]
    public let fileByteCount: Int?

    /// When each file begins.
    private let beginnings: [Int64]
    private var openedCount = 0
    private var sources: [Source] = []
    /// Whose packet was handed out last: it is valid until the next is read.
    private var current: Source?
    /// Of the files that were read to their end.
    private var earlier = CaptureContents()
    private var packetCount = 0
    private var earlierByteCount = 0

    /// Opens the first file; the others are opened when it is their turn.
    ///
    /// - Precondition: there is one.
    public init(_ files: [String]) throws(CaptureError) {
        name = files[0]
        self.files = files
        var byteCount = 0
        var beginnings: [Int64] = []
        for file in files {
            byteCount += regularByteCount(file) ?? 0
            beginnings.append(try CaptureSpan(beginningOf: file).first ?? .min)
        }
        fileByteCount = byteCount
        self.beginnings = beginnings
        earlier.files = files
        try openNext()
    }

    public var contents: CaptureContents {
        var contents = earlier
        for source in sources {
            var interfaces = source.interfaces
            contents.append(source.file.contents, &interfaces)
        }
        return contents
    }

    /// The part of all files that was read, 0…1.
    public var progress: Double? {
        guard let fileByteCount, fileByteCount > 0 else { return nil }
        let read = sources.reduce(Double(earlierByteCount)) { sum, source in
            sum + (source.file.progress ?? 0) * Double(source.file.fileByteCount ?? 0)
        }
        return min(1, read / Double(fileByteCount))
    }

    /// The next packet, `nil` at the end of the last file. Its octets are valid until the next call.
    ///
    /// - Throws: When a file cannot be read on.
    public func nextPacket() throws(CaptureError) -> CapturedPacket? {
        if let current {
            self.current = nil
            try advance(current)
        }
        while openedCount < files.count,
            beginnings[openedCount] <= earliest?.pending?.nanoseconds ?? .max
        {
            try openNext()
        }
        guard let source = earliest, var packet = source.pending else { return nil }
        current = source
        if packet.interface >= source.interfaces.count { discover(source) }
        packetCount += 1
        packet.number = packetCount
        packet.continuedInterface = source.interfaces[packet.continuedInterface]
        packet.interface = source.interfaces[packet.interface]
        return packet
    }

    /// Of files that are as far as each other the one that was opened first.
    private var earliest: Source? {
        sources.count == 1
            ? sources[0]
            : sources.min { ($0.pending?.nanoseconds ?? 0) < ($1.pending?.nanoseconds ?? 0) }
    }

    private func openNext() throws(CaptureError) {
        let source = Source(try CaptureFile(files[openedCount]))
        openedCount += 1
        sources.append(source)
        try advance(source)
    }

    private func advance(_ source: Source) throws(CaptureError) {
        source.pending = try source.file.nextPacket()
        guard source.pending == nil else { return }
        sources.removeAll { $0 === source }
        earlier.append(source.file.contents, &source.interfaces)
        earlierByteCount += source.file.fileByteCount ?? 0
    }

    /// New interfaces of the file get their numbers, which they keep when the file is done.
    private func discover(_ source: Source) {
        var contents = earlier
        contents.append(source.file.contents, &source.interfaces)
        for index in earlier.interfaces.count..<contents.interfaces.count {
            earlier.interfaces.append(contents.interfaces[index].description)
        }
    }
}
