import Foundation
import Testing

/// The command as its users run it: two processes over loopback.
@Suite(.timeLimit(.minutes(1))) struct PublishSubscribeTests {
    @Test func `what is published is printed`() async throws {
        let (endpoint, folder) = try Self.makeEndpoint()
        defer { try? FileManager.default.removeItem(at: folder) }
        let subscriber = try Command("subscribe", endpoint, "--topic", "weather.", "--count", "2")
        let publisher = try Command(
            "publish",
            "--bind",
            endpoint,
            "--separator",
            "|",
            "weather.oslo|-4 °C",
            "sport|1:0",
            "weather.rome|21 °C"
        )
        #expect(await publisher.end() == 0)
        #expect(await subscriber.end() == 0)
        #expect(subscriber.output == "weather.oslo | -4 °C\nweather.rome | 21 °C\n")
    }

    @Test func `a load arrives complete`() async throws {
        let (endpoint, folder) = try Self.makeEndpoint()
        defer { try? FileManager.default.removeItem(at: folder) }
        let subscriber = try Command(
            "subscribe",
            endpoint,
            "--format",
            "quiet",
            "--count",
            "20000",
            "--expect-complete"
        )
        let publisher = try Command("publish", "--bind", endpoint, "--count", "20000")
        #expect(await publisher.end() == 0)
        #expect(await subscriber.end() == 0)
        #expect(subscriber.diagnostics.contains("20,000 from #0 to #19999, 0 missing"))
        #expect(publisher.diagnostics.contains("sent 20,000 messages"))
    }

    @Test func `an incomplete load is a failure when completeness is expected`() async throws {
        let (endpoint, folder) = try Self.makeEndpoint()
        defer { try? FileManager.default.removeItem(at: folder) }
        let subscriber = try Command(
            "subscribe",
            "--bind",
            endpoint,
            "--format",
            "quiet",
            "--for",
            "10ms",
            "--expect-complete"
        )
        #expect(await subscriber.end() == 1)
    }

    @Test func `Ctrl-C ends a wait`() async throws {
        let (endpoint, folder) = try Self.makeEndpoint()
        defer { try? FileManager.default.removeItem(at: folder) }
        let publisher = try Command("publish", "--bind", endpoint, "unheard")
        try await publisher.waitForDiagnostics("listening at")
        publisher.interrupt()
        #expect(await publisher.end() == 1)
        #expect(publisher.diagnostics.contains("sent 0 messages"))
    }

    @Test func `an endpoint that cannot be is refused`() async throws {
        let command = try Command("publish", "tpc://127.0.0.1:1", "x")
        #expect(await command.end() == 2)
        #expect(command.diagnostics.contains("use one of tcp, ipc"))
    }

    /// A socket file in a folder of its own, so that tests beside this one cannot meet it.
    private static func makeEndpoint() throws -> (String, URL) {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return ("ipc://\(folder.path)/socket", folder)
    }
}
