import Foundation
import Testing

@testable import xylem

/// Sockets that come and go, in a process of their own, where nothing else has descriptors.
@Suite(.timeLimit(.minutes(2))) struct ChurnTests {
    private struct Figures: Decodable {
        var sockets: Int
        var residentBefore: Int
        var residentAfter: Int
        var descriptorsBefore: Int
        var descriptorsAfter: Int
        var threadsBefore: Int
        var threadsAfter: Int
    }

    @Test func `thousands of sockets leave no descriptor, no thread and no memory`() async throws {
        let command = try RunningCommand(["bench", "churn", "--count", "4000"])
        let figures = try await command.firstLine("figures") { line in
            try? JSONDecoder().decode(Figures.self, from: line)
        }
        #expect(try await command.end() == .exited(code: 0))
        #expect(figures.sockets == 4_000)
        #expect(figures.descriptorsAfter <= figures.descriptorsBefore)
        #expect(figures.threadsAfter <= figures.threadsBefore + 1)
        // A KiB for each socket would be 4 MB. The first ones cost 1 MB once, and the deadline of a handshake, some 450 octets, is
        // kept until it has passed.
        #expect(figures.residentAfter - figures.residentBefore < 4_000_000)
    }
}
