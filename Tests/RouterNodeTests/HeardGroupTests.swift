import SocketTestSupport
import Testing

@testable import RouterNode

/// What is left of a group that a relay heard.
@Suite struct HeardGroupTests {
    private final class Weak: @unchecked Sendable {
        weak var feed: GroupFeed?
        weak var port: GroupPort?
    }

    @Test func `a heard group is freed with its relay`() async throws {
        let weak = Weak()
        try await RelayLab.run { lab in
            var seat = RelayConfiguration.Seat(tree: "t")
            seat.publisherFeeds = ["epgm://127.0.0.1;239.255.77.\(UInt8.random(in: 1...254)):7575"]
            let relay = try await lab.start("listener", [seat])
            weak.feed = relay.groupFeeds.first
            weak.port = relay.groupFeeds.first?.port
            try #require(weak.feed != nil && weak.port != nil)
        }
        try await eventually("no group in memory") { weak.feed == nil && weak.port == nil }
    }
}
