@testable import Captures
import Dissection
import Foundation
import Testing

/// Which files are one capture.
@Suite struct RotationTests {
    private let folder = NSTemporaryDirectory() + "xylem-rotated-\(UUID().uuidString)/"

    /// Files, each with packets at these seconds; gives what is joined, by name.
    private func captures(
        _ files: [(name: String, seconds: [UInt32])],
        joining: CapturePaths.Joining = .found,
        linkTypes: [UInt32] = []
    ) throws -> [String] {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (index, file) in files.enumerated() {
            var capture = CaptureBytes()
            capture.appendPcapHeader(linkType: index < linkTypes.count ? linkTypes[index] : 1)
            for second in file.seconds {
                capture.appendRecord([1, 2, 3, 4], seconds: 1_700_000_000 + second)
            }
            try Data(capture.bytes).write(to: URL(filePath: folder + file.name))
        }
        let paths = files.map { folder + $0.name }
        return try CapturePaths(paths, joining: joining).captures.map { files in
            files.map { String($0.dropFirst(folder.count)) }.joined(separator: " ")
        }
    }

    @Test func `tcpdump's numbers, the first without one, eleven after two`() throws {
        let names = ["cap.pcap", "cap.pcap1", "cap.pcap10", "cap.pcap11", "cap.pcap2"]
        let seconds: [[UInt32]] = [[0, 4], [5, 9], [20, 29], [30, 31], [10, 19]]
        #expect(
            try captures(Array(zip(names, seconds)))
                == ["cap.pcap cap.pcap1 cap.pcap2 cap.pcap10 cap.pcap11"]
        )
    }

    @Test func `a ring begins anywhere`() throws {
        #expect(
            try captures([
                ("ring.pcap0", [30, 39]), ("ring.pcap1", [10, 19]), ("ring.pcap2", [20, 29]),
            ]) == ["ring.pcap1 ring.pcap2 ring.pcap0"]
        )
    }

    @Test(arguments: [
        ["a_00001_20261123072428.pcapng", "a_00002_20261123072528.pcapng"],
        ["a_20261123072428_00001.pcapng", "a_20261123072528_00002.pcapng"],
        ["a-2026-11-23_07:24:28.pcap", "a-2026-11-23_07:25:28.pcap"],
        ["a_20261123-0724.pcap.gz", "a_20261123-0725.pcap.gz"],
        ["a-20261123T072428Z.pcap", "a-20261123T072528Z.pcap"],
        ["a.2026-11-23.pcap", "a.2026-11-24.pcap"],
        ["a-1795418668.pcap", "a-1795418728.pcap"], ["a_07.24.28.cap", "a_07.25.28.cap"],
        ["a-072428.pcap", "a-072528.pcap"], ["a.pcap.1", "a.pcap"],
        ["a-2026-11-23.pcap", "a-2026-11-23.pcap1"], ["a.pcap00", "a.pcap01"],
    ])
    func `names that tools give to files of one capture`(names: [String]) throws {
        #expect(
            try captures([(names[1], [60, 99]), (names[0], [0, 59])])
                == ["\(names[0]) \(names[1])"]
        )
    }

    @Test func `captures of the same time are several places, whatever their names`() throws {
        let names = ["cap.pcap1", "cap.pcap2"]
        #expect(try captures(names.map { ($0, [0, 50]) }) == names)
        #expect(try captures([(names[0], [0, 50]), (names[1], [20, 90])]) == names)
        let dated = ["a_20261123.pcap", "a_20261124.pcap"]
        #expect(try captures(dated.map { ($0, [0, 50]) }) == dated)
    }

    @Test func `other names, other link types and other places stay apart`() throws {
        let sites = [
            "pub_00001_20261123072428.pcap", "sub_00001_20261123072428.pcap",
            "pub_00002_20261123072528.pcap", "sub_00002_20261123072528.pcap",
        ]
        #expect(
            try captures(Array(zip(sites, [[0, 9], [0, 9], [10, 19], [10, 19]])))
                == ["\(sites[0]) \(sites[2])", "\(sites[1]) \(sites[3])"]
        )
        let names = ["cap.pcap1", "cap.pcap2"]
        #expect(
            try captures([(names[0], [0, 5]), (names[1], [6, 9])], linkTypes: [1, 101]) == names
        )
        #expect(try captures([("a.pcap", [0]), ("b.pcap", [1])]) == ["a.pcap", "b.pcap"])
    }

    @Test func `bare numbers are one capture when one goes on where the other ends`() throws {
        let names = ["leaf-1.pcap", "leaf-2.pcap", "leaf-3.pcap"]
        let joined = [names.joined(separator: " ")]
        #expect(try captures(Array(zip(names, [[0, 9], [10, 19], [20, 21]]))) == joined)
        // Taken at one time, in another order, hours later, or with a hole.
        #expect(try captures(Array(zip(names, [[0, 9], [0, 19], [0, 21]]))) == names)
        #expect(try captures(Array(zip(names, [[20, 29], [10, 19], [0, 9]]))) == names)
        #expect(try captures(Array(zip(names, [[0, 9], [10, 19], [7_000, 7_001]]))) == names)
        #expect(
            try captures([(names[0], [0, 9]), (names[2], [10, 19])]) == [names[0], names[2]]
        )
    }

    @Test func `a file without packets has its place, one that is no capture none`() throws {
        #expect(
            try captures([("a.pcap", [0, 5]), ("a.pcap1", []), ("a.pcap2", [6])])
                == ["a.pcap a.pcap1 a.pcap2"]
        )
    }

    @Test func `a compressed copy beside its file is another capture`() throws {
        #expect(
            try captures([("a.pcap1", [0, 9]), ("a.pcap1.gz", [0, 9]), ("a.pcap2", [10, 19])])
                == ["a.pcap1 a.pcap2", "a.pcap1.gz"]
        )
    }

    @Test func `the user's word counts`() throws {
        let files: [(String, [UInt32])] = [
            ("b.pcap", [10, 20]), ("a.pcap1", [0, 9]), ("a.pcap2", [21, 30]),
        ]
        #expect(try captures(files, joining: .none) == ["b.pcap", "a.pcap1", "a.pcap2"])
        #expect(try captures(files, joining: .all) == ["a.pcap1 b.pcap a.pcap2"])
        #expect(try captures(files) == ["b.pcap", "a.pcap1 a.pcap2"])
    }

    @Test func `the end of a large file is found without reading it`() throws {
        var capture = CaptureBytes()
        capture.appendPcapHeader()
        let packet = [UInt8](repeating: 0x5A, count: 1_400)
        for index in 0..<2_000 as Range<UInt32> {
            capture.appendRecord(packet, seconds: 1_700_000_000 + index)
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(capture.bytes).write(to: URL(filePath: folder + "a.pcap"))
        let span = try CaptureSpan(folder + "a.pcap")
        #expect(span.first == 1_700_000_000_000_000_000)
        #expect(span.last == 1_700_001_999_000_000_000)
    }

    @Test func `files that overlap are read in the order of their packets`() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Two directions, and a third file that begins while both go on.
        let seconds: [[UInt32]] = [[0, 3, 6, 9], [1, 3, 5, 20], [4, 7, 8]]
        var paths: [String] = []
        for (index, seconds) in seconds.enumerated() {
            var capture = CaptureBytes()
            capture.appendPcapHeader()
            for second in seconds { capture.appendRecord([UInt8(index)], seconds: 1_000 + second) }
            paths.append(folder + "\(index).pcap")
            try Data(capture.bytes).write(to: URL(filePath: paths[index]))
        }
        let joined = try #require(try CapturePaths(paths, joining: .all).captures.first)
        let series = try CaptureSeries(joined)
        var seen: [String] = []
        while let packet = try series.nextPacket() {
            seen.append("\(packet.nanoseconds / 1_000_000_000 - 1_000):\(packet.bytes[0])")
        }
        #expect(
            seen == [
                "0:0", "1:1", "3:0", "3:1", "4:2", "5:1", "6:0", "7:2", "8:2", "9:0", "20:1",
            ]
        )
        #expect(series.contents.interfaces.map(\.packetCount) == [11])
    }

    @Test func `a series reads like one file`() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var paths: [String] = []
        for file in 0..<3 as Range<UInt32> {
            var capture = CaptureBytes(isBigEndian: file == 1)
            capture.appendSection(comment: "file \(file)")
            capture.appendInterface(name: "eth0")
            capture.appendInterface(name: file == 2 ? "eth9" : "eth1")
            for interface in 0..<2 as Range<UInt32> {
                capture.appendEnhancedPacket(
                    [UInt8(file), UInt8(interface)],
                    interface: interface,
                    dropCount: UInt64(file)
                )
            }
            paths.append(folder + "a.pcapng\(file)")
            try Data(capture.bytes).write(to: URL(filePath: paths[Int(file)]))
        }
        let series = try CaptureSeries(paths)
        var seen: [String] = []
        while let packet = try series.nextPacket() {
            seen.append("\(packet.number) \(packet.interface) \(Array(packet.bytes))")
        }
        #expect(
            seen == [
                "1 0 [0, 0]", "2 1 [0, 1]", "3 0 [1, 0]", "4 1 [1, 1]", "5 0 [2, 0]", "6 2 [2, 1]",
            ]
        )
        let contents = series.contents
        #expect(contents.packetCount == 6 && contents.isWhole && series.progress == 1)
        #expect(contents.interfaces.map(\.name) == ["eth0", "eth1", "eth9"])
        #expect(contents.interfaces.map(\.packetCount) == [3, 2, 1])
        #expect(contents.interfaces.map(\.drops.total) == [3, 1, 2])
        #expect(contents.comments == ["file 0", "file 1", "file 2"])
        #expect(contents.files == paths)
    }
}
