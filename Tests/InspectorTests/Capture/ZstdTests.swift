@testable import Captures
import Dissection
import Foundation
import Synchronization
import Testing

/// Captures that were compressed with zstd.
@Suite(.enabled(if: ZstdPresence.check())) struct ZstdTests {
    private let capture: [UInt8] = {
        var capture = CaptureBytes()
        capture.appendPcapHeader()
        for index in 0..<2_000 as Range<UInt32> {
            let packet = [UInt8](repeating: UInt8(index & 0xFF), count: 1_000)
            capture.appendRecord(packet, fraction: index)
        }
        return capture.bytes
    }()

    private func read(_ bytes: [UInt8]) throws -> (count: Int, contents: CaptureContents) {
        let path = NSTemporaryDirectory() + "xylem-\(UUID().uuidString).pcap.zst"
        try Data(bytes).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try CaptureFile(path)
        var count = 0
        while let packet = try file.nextPacket() {
            count += 1
            #expect(packet.bytes.allSatisfy { $0 == UInt8((count - 1) & 0xFF) })
        }
        return (count, file.contents)
    }

    @Test func `one frame, several, and some that hold nothing`() throws {
        let half = capture.count / 2
        let skipped: [UInt8] = [0x53, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
        for bytes in [
            frame(capture[...]), frame(capture[..<half]) + frame(capture[half...]),
            skipped + frame(capture[..<half]) + skipped + frame(capture[half...]) + skipped,
        ] {
            let (count, contents) = try read(bytes)
            #expect(count == 2_000 && contents.isWhole)
            #expect(contents.byteCount == capture.count)
        }
    }

    @Test func `streams that end early, are damaged or have something behind them`() throws {
        let whole = frame(capture[...])
        let cut = try read(Array(whole.dropLast(20_000)))
        #expect(cut.count > 1_000 && cut.contents.count(of: .truncatedCompression) == 1)
        let followed = try read(whole + Array("something else".utf8))
        #expect(followed.count == 2_000 && followed.contents.count(of: .trailingOctets) == 1)
        var damaged = whole
        // The second block gets a type that there is not.
        damaged[6 + 3 + Self.blockByteCount] |= 6
        let broken = try read(damaged)
        #expect(broken.count > 50 && broken.contents.count(of: .corruptCompression) == 1)
    }

    private static let blockByteCount = 100_000

    /// RFC 8878 without compression: raw blocks.
    private func frame(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        // No content size, a window of 128 KiB.
        var result: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0, 7 << 3]
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = min(start + Self.blockByteCount, bytes.endIndex)
            let head = UInt32(end - start) << 3 | (end == bytes.endIndex ? 1 : 0)
            result += (0..<3).map { UInt8(truncatingIfNeeded: head >> UInt32($0 * 8)) }
            result += bytes[start..<end]
            start = end
        }
        return result
    }
}

/// Says so, with the number of skips so far, when the library is not there.
private enum ZstdPresence {
    private static let skipCount = Mutex(0)

    static func check() -> Bool {
        if ZstdLibrary.shared != nil { return true }
        let count = skipCount.withLock { count in
            count += 1
            return count
        }
        print("SKIPPED (\(count) so far): no libzstd.so.1")
        return false
    }
}
