import Testing
import Wire

@testable import ZMTP

/// The round trip from PING and PONG.
struct RoundTripTests {
    private static func instant(_ milliseconds: Int) -> Instant {
        Instant(nanoseconds: Int64(milliseconds) * 1_000_000)
    }

    /// A heartbeat that pings every second, and the number of its last PING.
    private static func beat(
        _ heartbeat: inout Heartbeat,
        at milliseconds: Int
    ) -> UInt32? {
        guard case .sendPing(_, let number) = heartbeat.handleTimeout(at: instant(milliseconds))
        else { return nil }
        return number
    }

    private static func answer(_ heartbeat: inout Heartbeat, _ number: UInt32?, at now: Instant) {
        var context: [UInt8] = []
        BigEndian.append(number ?? 0, to: &context)
        context.withUnsafeBytes { heartbeat.handlePong(context: $0, at: now) }
    }

    @Test func `times are smoothed as RFC 6298 §2.2 and §2.3 say`() {
        var time = RoundTripTime(first: .milliseconds(80))
        #expect(time.smoothed == .milliseconds(80))
        #expect(time.variation == .milliseconds(40))
        time.handle(.milliseconds(160))
        // Variation: 3/4 of 40 and 1/4 of |80 - 160|; smoothed: 7/8 of 80 and 1/8 of 160.
        #expect(time.variation == .milliseconds(50))
        #expect(time.smoothed == .milliseconds(90))
        #expect(time.latest == .milliseconds(160))
        #expect(time.least == .milliseconds(80))
        time.handle(.milliseconds(10))
        #expect(time.smoothed == .milliseconds(80))
        #expect(time.variation == .microseconds(57_500))
        #expect(time.least == .milliseconds(10))
    }

    @Test func `the answer to the last PING counts, once, and no other`() {
        var heartbeat = Heartbeat(
            options: HeartbeatOptions(interval: .seconds(1), timeout: .seconds(60)),
            at: Self.instant(0)
        )
        #expect(heartbeat.roundTrip == nil)
        let first = Self.beat(&heartbeat, at: 1_000)
        let second = Self.beat(&heartbeat, at: 2_000)
        #expect(first != second)
        Self.answer(&heartbeat, first, at: Self.instant(2_001))
        #expect(heartbeat.roundTrip == nil)
        Self.answer(&heartbeat, second, at: Self.instant(2_030))
        Self.answer(&heartbeat, second, at: Self.instant(2_900))
        #expect(heartbeat.roundTrip?.latest == .milliseconds(30))
        #expect(heartbeat.roundTrip?.smoothed == .milliseconds(30))
    }

    @Test func `a pause of this side is not counted against the peer`() {
        var heartbeat = Heartbeat(
            options: HeartbeatOptions(interval: .seconds(1), timeout: .seconds(60)),
            at: Self.instant(0)
        )
        let first = Self.beat(&heartbeat, at: 1_000)
        heartbeat.handlePause(at: Self.instant(1_001))
        let second = Self.beat(&heartbeat, at: 2_000)
        heartbeat.handleResume()
        for number in [first, second] {
            Self.answer(&heartbeat, number, at: Self.instant(2_500))
        }
        #expect(heartbeat.roundTrip == nil)
    }

    @Test func `a session pings with a number, and takes the time of its PONG`() throws {
        var rig = SessionRig.established {
            $0.heartbeat = HeartbeatOptions(interval: .seconds(2))
        }
        rig.pass(.seconds(2))
        #expect(rig.takeLines() == ["2000 ping 00 00"])
        #expect(
            Command.pingFrame(ttl: 20, number: 0x0102_0304)
                == octets("04 0B 04 \"PING\" 00 14 01 02 03 04")
        )
        rig.pass(.milliseconds(25))
        // An older libzmq leaves the context out; that is an answer, and tells no time.
        rig.receive([0x04, 5, 4] + Array("PONG".utf8))
        #expect(rig.session.roundTrip == nil)
        rig.receive([0x04, 9, 4] + Array("PONG".utf8) + [0, 0, 0, 1])
        #expect(rig.session.roundTrip?.latest == .milliseconds(25))
    }
}
