import Foundation
import Synchronization
import Testing

/// Captures as people's tools write them, through the command: all hold the packets of one capture with a known truth, wrapped in other ways.
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(if: SharedCases.check()))
struct InspectCasesTests {
    /// 600 data packets, 22 repaired at one receiver, nothing lost for good.
    private func expectTruth(
        _ report: Report,
        interface: Int = 0,
        _ place: SourceLocation = #_sourceLocation
    ) throws {
        let streams = report.list("streams")
        #expect(streams.count == 1, sourceLocation: place)
        let stream = try #require(streams.first, sourceLocation: place)
        #expect(stream.object("packets").integer("odata") == 600, sourceLocation: place)
        #expect(stream.object("messages").integer("count") == 600, sourceLocation: place)
        #expect(stream.object("messages").integer("broken") == 0, sourceLocation: place)
        let repairs = stream.object("repairSummary")
        #expect(repairs.integer("repaired") == 22, sourceLocation: place)
        #expect(repairs.integer("unrepaired") == 0, sourceLocation: place)
        #expect(stream.object("sequence").integer("missing") == 0, sourceLocation: place)
        let unlucky = stream.list("receivers").filter { $0.integer("lost") > 0 }
        #expect(unlucky.map { $0.string("address") } == ["10.77.0.12"], sourceLocation: place)
        #expect(report.list("captures").count == 1, sourceLocation: place)
        #expect(
            report.list("findings").contains { $0.string("code") == "crying-receiver" },
            sourceLocation: place
        )
        let bad = report.list("findings").filter { $0.string("severity") == "problem" }
        #expect(bad.isEmpty, sourceLocation: place)
    }

    @Test func `files that tcpdump rotated are one capture, in the order of their times`()
        async throws
    {
        let folder = SharedCases.path("rotated")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        // As a shell would list them, and as a folder.
        for paths in [names.map { "\(folder)/\($0)" }, [folder]] {
            let report = try await Report.inspect(paths)
            try expectTruth(report)
            let capture = report.list("captures")[0]
            #expect(capture.integer("packets") == 694)
            #expect(
                capture.strings("files")
                    == [folder + "/cap.pcap"] + (1...11).map { "\(folder)/cap.pcap\($0)" }
            )
            #expect(capture.integer("backwardTimes") == 0)
        }
        let apart = try await Report.inspect([folder, "--places", "each"])
        #expect(apart.list("captures").count == 12)
        let text = try await Report.text([folder])
        #expect(text.contains("the first of 12 files"))
    }

    @Test func `two directions of one tap are one place`() async throws {
        let path = SharedCases.path("two-directions.pcapng")
        let report = try await Report.inspect([path])
        try expectTruth(report)
        let interfaces = report.list("captures")[0].list("interfaces")
        #expect(interfaces.map { $0.integer("place") } == [0, 0])
        // From standard input nobody can look first.
        let piped = try await Report.inspect(["-"], input: path)
        try expectTruth(piped)
        // Told otherwise: what the other interface saw is not there.
        let one = try await Report.inspect([path + "#1"])
        #expect(one.list("captures")[0].integer("packets") == 34)
        let each = try await Report.inspect([path + "#0", path + "#1"])
        #expect(each.list("streams").count == 2)
    }

    @Test func `two ports of one bridge are two places`() async throws {
        let path = SharedCases.path("../../captures/epgm_loss_2if.pcapng")
        let report = try await Report.inspect([path])
        let counts = report.list("streams").map { $0.object("packets").integer("odata") }
        #expect(counts == [400, 392])
        #expect(report.list("captures")[0].integer("copies") == 0)
        // As one place, what both saw counts once.
        let one = try await Report.inspect([path, "--places", "one"])
        #expect(one.list("streams").map { $0.object("packets").integer("odata") } == [400])
        #expect(one.list("streams")[0].object("details").integer("duplicates") == 0)
        #expect(one.list("captures")[0].integer("copies") > 390)
    }

    @Test func `two sections that were joined are one place`() async throws {
        let path = SharedCases.path("two-sections.pcapng")
        try expectTruth(try await Report.inspect([path]))
        try expectTruth(try await Report.inspect([path, "--places", "each"]))
        let second = try await Report.inspect([path + "#1"])
        #expect(second.list("captures")[0].integer("packets") == 347)
    }

    @Test func `lengths that contradict each other are said once`() async throws {
        let report = try await Report.inspect([SharedCases.path("epgm-caplen-gt-len.pcap")])
        try expectTruth(report)
        #expect(report.list("captures")[0].integer("excessLengths") == 694)
        let findings = report.list("findings").filter { $0.string("code") == "capture-lengths" }
        #expect(findings.map { $0.integer("count") } == [694])
        let diagnostics = try await Report.diagnostics([
            SharedCases.path("epgm-caplen-gt-len.pcap"), "--packets",
        ])
        #expect(diagnostics == "")
    }

    /// The first word of a summary, and the exit code that goes with it.
    @Test(arguments: [
        ("epgm_clean.pcap", [], "GOOD", 0), ("epgm_restart.pcap", [], "WARNING", 0),
        ("epgm_unrecoverable.pcap", [], "PROBLEM", 1),
        ("epgm_clean.pcap", ["--where", "seq == 4000000000"], "NOTHING", 2),
    ])
    func `the exit code says what the first word says`(
        name: String,
        options: [String],
        word: String,
        code: Int32
    ) async throws {
        let path = SharedCases.path("../../captures/\(name)")
        for format in ["text", "json"] {
            let (text, ended) = try Report.end([path, "--format", format] + options)
            #expect(ended == code)
            if format == "text" { #expect(text.hasPrefix(word)) }
        }
    }

    @Test func `a file that is cut tells what is left of it`() async throws {
        let data = try Data(
            contentsOf: URL(filePath: SharedCases.path("../../captures/epgm_loss.pcap"))
        )
        let cut = NSTemporaryDirectory() + "xylem-\(UUID().uuidString).pcap"
        defer { try? FileManager.default.removeItem(atPath: cut) }
        try data.prefix(5_000).write(to: URL(filePath: cut))
        let (text, code) = try Report.end([cut])
        #expect(code == 0)
        #expect(text.contains("the capture ends in the middle of a packet"))
        try data.prefix(30).write(to: URL(filePath: cut))
        #expect(try Report.end([cut]).code == 2)
    }

    @Test func `a condition that nothing fulfils is told from a capture without PGM`() async throws
    {
        let path = SharedCases.path("../../captures/epgm_clean.pcap")
        let none = try await Report.text([path, "--where", "seq == 4000000000"])
        #expect(none.contains("The expression of --where chooses none of the packets"))
        let other = try await Report.text([path, "--where", "not pgm"])
        #expect(other.contains("that --where chooses"), "\(other)")
        #expect(!none.contains("--port") && !other.contains("--port"))
    }

    @Test(arguments: [
        ("vxlan", "10.9.0.1 → 10.9.0.2 / VXLAN 42"), ("gre-ip", "10.9.0.1 → 10.9.0.2 / GRE"),
        ("erspan2", "10.9.0.1 → 10.9.0.2 / GRE / ERSPAN II session 10"),
        ("mpls", "MPLS 100 / MPLS 62"), ("ppp", "PPP"), ("ipoib", ""),
    ])
    func `a tunnel is looked into, and told`(name: String, path: String) async throws {
        let file = SharedCases.path("epgm-\(name).pcap")
        let report = try await Report.inspect([file])
        try expectTruth(report)
        let tunnels = report.list("captures")[0].list("tunnels")
        #expect(tunnels.map { $0.string("text") } == (path.isEmpty ? [] : [path]))
        #expect(tunnels.map { $0.integer("packets") } == (path.isEmpty ? [] : [694]))
        guard path.contains("10.9.0.1") else { return }
        #expect(try await Report.text([file]).contains("in \(path): 694 packets"))
        let lines = try await Report.text([
            file, "--packets", "--where", "outer == 10.9.0.2 and pgm",
        ])
        #expect(lines.split(separator: "\n").allSatisfy { $0.hasSuffix("in \(path)") })
        #expect(lines.split(separator: "\n").count > 600)
    }
}

/// Where the cases are; a loud skip where they are not.
private enum SharedCases {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "../shared/cases/captures").standardizedFileURL.path
    private static let skipCount = Mutex(0)

    static func path(_ name: String) -> String { folder + "/" + name }

    static func check() -> Bool {
        if FileManager.default.fileExists(atPath: folder) { return true }
        let count = skipCount.withLock { count in
            count += 1
            return count
        }
        print("SKIPPED (\(count) so far): no cases in \(folder)")
        return false
    }
}

/// An object of the command's JSON.
private struct Report {
    var members: [String: Any]

    static func inspect(_ arguments: [String], input: String? = nil) async throws -> Report {
        let text = try run(arguments + ["--format", "json"], input: input).output
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return Report(members: try #require(value as? [String: Any]))
    }

    static func text(_ arguments: [String]) async throws -> String { try run(arguments).output }

    static func diagnostics(_ arguments: [String]) async throws -> String {
        try run(arguments).diagnostics
    }

    static func end(_ arguments: [String]) throws -> (text: String, code: Int32) {
        let result = try run(arguments)
        return (result.output, result.code)
    }

    private static func run(
        _ arguments: [String],
        input: String? = nil
    ) throws -> (output: String, diagnostics: String, code: Int32) {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "xylem")
        process.arguments = ["inspect"] + arguments
        if let input {
            process.standardInput = try FileHandle(forReadingFrom: URL(filePath: input))
        }
        let folder = NSTemporaryDirectory() + "xylem-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Files hold any amount, and nobody has to read two pipes at once.
        let files = ["output", "diagnostics"].map { "\(folder)/\($0)" }
        for file in files { try Data().write(to: URL(filePath: file)) }
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: files[0]))
        process.standardError = try FileHandle(forWritingTo: URL(filePath: files[1]))
        try process.run()
        process.waitUntilExit()
        let texts = try files.map { try String(contentsOfFile: $0, encoding: .utf8) }
        return (texts[0], texts[1], process.terminationStatus)
    }

    func object(_ key: String) -> Report { Report(members: members[key] as? [String: Any] ?? [:]) }
    func list(_ key: String) -> [Report] {
        (members[key] as? [[String: Any]] ?? []).map { Report(members: $0) }
    }
    func integer(_ key: String) -> Int { members[key] as? Int ?? -1 }
    func string(_ key: String) -> String { members[key] as? String ?? "" }
    func strings(_ key: String) -> [String] { members[key] as? [String] ?? [] }
}
