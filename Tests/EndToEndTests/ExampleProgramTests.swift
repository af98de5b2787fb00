import Foundation
import Glibc
import SocketTestSupport
import Testing

@testable import xylem

/// `docs/examples` is built as any package of a user's would be, and each program does what its comment says, beside libzmq.
///
/// The first build compiles everything the package uses once more, some minutes on two cores, so it is left to
/// whoever asks for it; `ExampleTests` compiles the sources in every run.
@Suite(
    .serialized,
    .timeLimit(.minutes(15)),
    .whole("building and running the examples")
)
struct ExampleProgramTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The folder of the built programs.
    private static func build() async throws -> URL {
        let package = root.appending(path: "docs/examples")
        // The same versions of everything.
        let versions = package.appending(path: "Package.resolved")
        try? FileManager.default.removeItem(at: versions)
        try FileManager.default.copyItem(at: root.appending(path: "Package.resolved"), to: versions)
        defer { try? FileManager.default.removeItem(at: versions) }
        let scratch = root.appending(path: ".build/examples")
        let build = try RunningCommand(
            program: "/usr/bin/env",
            [
                "env", "swift", "build", "--package-path", package.path, "--scratch-path",
                scratch.path,
                // Nobody looks things up in it, nor debugs it.
                "--disable-index-store", "-debug-info-format", "none",
            ]
        )
        let end = try await build.end(.seconds(780))
        try #require(
            end == .exited(code: 0),
            "\(build.output.suffix(40).joined(separator: "\n")) \(build.diagnostics)"
        )
        return scratch.appending(path: "debug")
    }

    private static func python(_ script: String, _ arguments: String...) throws -> RunningCommand {
        try RunningCommand(program: "/usr/bin/python3", ["python3", "-c", script] + arguments)
    }

    @Test func `the examples are built and do what they say`() async throws {
        let programs = try await Self.build()
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "xylem-examples-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func run(_ name: String, _ arguments: String...) throws -> RunningCommand {
            try RunningCommand(program: programs.appending(path: name).path, [name] + arguments)
        }
        func endpoint(_ name: String) -> String { "ipc://\(folder.path)/\(name)" }

        let tree = try run("TreeInProcess")
        #expect(try await tree.end() == .exited(code: 0))
        #expect(tree.output.last == "bergen got 'bonjour' from lyon")

        let station = try run("WeatherStation", endpoint("station"))
        let reading = try Self.python(Self.subscriber, endpoint("station"), "weather.paris")
        #expect(try await reading.end() == .exited(code: 0))
        #expect(reading.output.first?.hasPrefix("weather.paris ") == true)
        station.send(SIGTERM)
        #expect(try await station.end() == .exited(code: 0))

        let source = try Self.python(Self.publisher, endpoint("source"))
        let cache = try run("LastValueCache", endpoint("source"), endpoint("cache"))
        // The source says each topic once only; whoever comes later gets it from the cache.
        #expect(try await source.firstLine("a subscriber") { $0.isEmpty ? nil : true })
        for topic in ["a", "b"] {
            let late = try Self.python(Self.subscriber, endpoint("cache"), topic)
            #expect(try await late.end() == .exited(code: 0))
            #expect(late.output.first == "\(topic) once")
        }
        cache.send(SIGKILL)
        source.send(SIGKILL)

        let capture = Self.root.appending(path: "../shared/captures/epgm_loss.pcap").standardized
        guard FileManager.default.fileExists(atPath: capture.path) else {
            print("SKIPPED: CaptureReport, for there is no ../shared/captures")
            return
        }
        let report = try run("CaptureReport", capture.path)
        #expect(try await report.end() == .exited(code: 0))
        #expect(report.output.last?.hasSuffix(" findings") == true)
    }

    private static let subscriber = """
        import sys, zmq
        socket = zmq.Context().socket(zmq.SUB)
        socket.connect(sys.argv[1])
        socket.subscribe(sys.argv[2])
        socket.rcvtimeo = 30000
        print(*(frame.decode() for frame in socket.recv_multipart()), flush=True)
        """

    private static let publisher = """
        import sys, time, zmq
        socket = zmq.Context().socket(zmq.XPUB)
        socket.bind(sys.argv[1])
        socket.recv()
        for topic in [b"a", b"b"]:
            socket.send_multipart([topic, b"once"])
        print("sent", flush=True)
        time.sleep(60)
        """
}
