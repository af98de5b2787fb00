public import Dissection

/// One capture that was written in several files, read as if it were one.
public final class CaptureSeries {
    /// The first file's.
    public let name: String
    /// In the order in which they were written.
    public let files: [String]
    public let fileByteCount: Int?

    private var current: CaptureFile
    private var index = 0
    /// Of the files that were read to their end.
    private var earlier = CaptureContents()
    /// Which interface of the capture an interface of the current file is.
    private var interfaces: [Int] = []
    private var earlierByteCount = 0

    /// Opens the first file; the others are opened when it is their turn.
    ///
    /// - Precondition: there is one.
    public init(_ files: [String]) throws(CaptureError) {
        name = files[0]
        self.files = files
        current = try CaptureFile(files[0])
        earlier.files = files
        var byteCount = 0
        for file in files { byteCount += regularByteCount(file) ?? 0 }
        fileByteCount = byteCount
    }

    public var contents: CaptureContents {
        var contents = earlier
        var interfaces = interfaces
        contents.append(current.contents, &interfaces)
        return contents
    }

    /// The part of all files that was read, 0…1.
    public var progress: Double? {
        guard let fileByteCount, fileByteCount > 0 else { return nil }
        let share = current.progress ?? 0
        let read = Double(earlierByteCount) + share * Double(current.fileByteCount ?? 0)
        return min(1, read / Double(fileByteCount))
    }

    /// The next packet, `nil` at the end of the last file. Its octets are valid until the next call.
    ///
    /// - Throws: When a file cannot be read on.
    public func nextPacket() throws(CaptureError) -> CapturedPacket? {
        while true {
            if var packet = try current.nextPacket() {
                if packet.interface >= interfaces.count { discover() }
                packet.number += earlier.packetCount
                packet.continuedInterface = interfaces[packet.continuedInterface]
                packet.interface = interfaces[packet.interface]
                return packet
            }
            guard index + 1 < files.count else { return nil }
            // What is left of this file is in `earlier` from here on.
            let next = try CaptureFile(files[index + 1])
            earlier.append(current.contents, &interfaces)
            earlierByteCount += current.fileByteCount ?? 0
            index += 1
            current = next
            interfaces = []
        }
    }

    private func discover() {
        var contents = earlier
        contents.append(current.contents, &interfaces)
        // New ones keep their numbers when the file is done.
        for index in earlier.interfaces
            .count..<max(earlier.interfaces.count, contents.interfaces.count)
        {
            earlier.interfaces.append(contents.interfaces[index].description)
        }
    }
}
