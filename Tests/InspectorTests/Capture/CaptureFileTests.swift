import Captures
import Dissection
import Foundation
import Testing

@Suite struct CaptureFileTests {
    private let folder = NSTemporaryDirectory() + "xylem-captures-\(UUID().uuidString)/"

    /// Runs a body with an empty folder that is gone afterwards.
    private func inFolder<Result>(_ body: () throws -> Result) throws -> Result {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body()
    }

    private func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: URL(filePath: folder + name))
        return folder + name
    }

    private func read(_ path: String) throws -> (packets: [[UInt8]], contents: CaptureContents) {
        let file = try CaptureFile(path)
        var packets: [[UInt8]] = []
        while let packet = try file.nextPacket() { packets.append(Array(packet.bytes)) }
        return (packets, file.contents)
    }

    private func problem(_ path: String) -> String? {
        do {
            _ = try CaptureFile(path)
            return nil
        } catch {
            return error.problem
        }
    }

    private let packets = (0..<50).map { [UInt8](repeating: UInt8($0), count: 1_000 + $0) }

    private var capture: [UInt8] {
        var capture = CaptureBytes()
        capture.appendPcapHeader()
        for packet in packets { capture.appendRecord(packet) }
        return capture.bytes
    }

    @Test func `plain and compressed files, also in several members`() throws {
        try inFolder {
            let half = capture.count / 2
            let members = gzip(Array(capture[..<half])) + gzip(Array(capture[half...]))
            let files = [
                ("a.pcap", capture), ("b.pcap.gz", gzip(capture)), ("c", members),
                ("padded", members + [0, 0, 0, 0]),
            ]
            for (name, bytes) in files {
                let (read, contents) = try read(write(bytes, name))
                #expect(read == packets && contents.isWhole, "\(name)")
                #expect(contents.byteCount == capture.count, "\(name)")
            }
        }
    }

    @Test func `compressed streams that end early, are damaged or have something behind them`()
        throws
    {
        try inFolder {
            let whole = gzip(capture)
            var damaged = whole
            // The complement of the first block's length.
            damaged[13] ^= 0xFF
            let cases: [(String, [UInt8], CaptureNotice.Reason)] = [
                ("cut", Array(whole.dropLast(20_000)), .truncatedCompression),
                ("cut in the trailer", Array(whole.dropLast(3)), .truncatedCompression),
                ("followed", whole + Array("something else".utf8), .trailingOctets),
            ]
            for (name, bytes, reason) in cases {
                let (read, contents) = try read(write(bytes, name))
                #expect(read == Array(packets.prefix(read.count)) && read.count > 20, "\(name)")
                #expect(contents.count(of: reason) == 1, "\(name): \(contents.notices)")
            }
            let refusal = problem(try write(damaged, "damaged"))
            #expect(refusal?.contains("damaged") == true)
        }
    }

    @Test func `what is no capture is refused with the reason`() throws {
        try inFolder {
            let empty = problem(try write([], "empty"))
            #expect(empty == "empty")
            let text = problem(try write(Array("hello".utf8), "text"))
            #expect(text == "neither pcap nor pcapng, plain or compressed with gzip or zstd")
            let other = problem(try write([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "z"))
            #expect(other?.contains("xz -d") == true)
            #expect(other?.contains("xz -dc FILE | xylem inspect -") == true)
            #expect(problem(folder)?.hasPrefix("a directory") == true)
            #expect(problem(folder + "absent") == "No such file or directory")
        }
    }

    @Test func `a directory stands for the captures in it, by name`() throws {
        try inFolder {
            _ = try write(capture, "b.pcap")
            _ = try write(gzip(capture), "a.pcap.gz")
            _ = try write(Array("hello".utf8), "notes.txt")
            _ = try write(capture, ".hidden")
            let found = try CapturePaths([folder, folder + "b.pcap"])
            #expect(found.files == [folder + "a.pcap.gz", folder + "b.pcap", folder + "b.pcap"])
            #expect(found.passedOver.map(\.path) == [folder + "notes.txt"])
            #expect(throws: CaptureError.self) { try CapturePaths([folder + "absent"]) }
        }
        try inFolder {
            _ = try write(Array("hello".utf8), "notes.txt")
            #expect(throws: CaptureError(source: folder, problem: "no captures in this directory"))
            {
                try CapturePaths([folder])
            }
        }
    }

    /// Gzip without compression: stored blocks, which need no more than their lengths and a checksum.
    private func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        let starts = Array(stride(from: 0, to: max(bytes.count, 1), by: 30_000))
        for start in starts {
            let block = bytes[start..<min(start + 30_000, bytes.count)]
            let count = UInt16(block.count)
            result.append(start == starts.last ? 1 : 0)
            for number in [count, ~count] {
                result += [UInt8(truncatingIfNeeded: number), UInt8(number >> 8)]
            }
            result += block
        }
        for number in [checksum(bytes), UInt32(bytes.count)] {
            result += (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32($0 * 8)) }
        }
        return result
    }

    private func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        for octet in bytes {
            value ^= UInt32(octet)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        return ~value
    }
}
