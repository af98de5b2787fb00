import Testing
import Wire

@testable import ZMTP

/// RFC 37 "Connection Heartbeating", under virtual time.
struct HeartbeatTests {
    enum Input {
        case octets
        case ping(ttl: UInt16)
        /// This side stops reading, and reads again.
        case pause, resume
    }

    /// Runs a heartbeat whose timers fire exactly at their deadlines; a line per directive, in milliseconds.
    static func timeline(
        _ options: HeartbeatOptions,
        _ inputs: [(at: Int, Input)] = [],
        until end: Int
    ) -> [String] {
        func instant(_ milliseconds: Int) -> Instant {
            Instant(nanoseconds: Int64(milliseconds) * 1_000_000)
        }
        var heartbeat = Heartbeat(options: options, at: instant(0))
        var lines: [String] = []
        /// Whether the connection is still open.
        func fire(before limit: Instant) -> Bool {
            while let deadline = heartbeat.deadline, deadline < limit {
                let time = deadline.nanoseconds / 1_000_000
                switch heartbeat.handleTimeout(at: deadline) {
                case .sendPing(let ttl, _): lines.append("\(time) PING \(ttl)")
                case .expire:
                    lines.append("\(time) expire")
                    return false
                case nil:
                    lines.append("\(time) a deadline with nothing to do")
                    return false
                }
            }
            return true
        }
        for (time, input) in inputs {
            guard fire(before: instant(time)) else { return lines }
            switch input {
            case .octets: heartbeat.handleActivity(at: instant(time))
            case .ping(let ttl):
                heartbeat.handleActivity(at: instant(time))
                heartbeat.handlePing(ttl: ttl, at: instant(time))
            case .pause: heartbeat.handlePause(at: instant(time))
            case .resume: heartbeat.handleResume()
            }
        }
        _ = fire(before: instant(end))
        return lines
    }

    @Test
    func `without options nothing ever happens`() {
        #expect(Self.timeline(HeartbeatOptions(), until: .max / 1_000_000) == [])
        let off = HeartbeatOptions(interval: .zero, timeout: .seconds(1))
        #expect(Heartbeat(options: off, at: Instant(nanoseconds: 0)).deadline == nil)
    }

    @Test
    func `silence closes the connection an interval after the first PING`() {
        let options = HeartbeatOptions(interval: .seconds(1))
        #expect(Self.timeline(options, until: 9_000) == ["1000 PING 0", "2000 expire"])
    }

    @Test
    func `later PINGs do not put off the time-out`() {
        let options = HeartbeatOptions(interval: .seconds(1), timeout: .milliseconds(2_500))
        let lines = ["1000 PING 0", "2000 PING 0", "3000 PING 0", "3500 expire"]
        #expect(Self.timeline(options, until: 9_000) == lines)
    }

    @Test
    func `any octets are an answer, and PINGs go on`() {
        let options = HeartbeatOptions(interval: .seconds(1), timeout: .milliseconds(300))
        let inputs: [(at: Int, Input)] = [(1_299, .octets), (2_200, .octets)]
        let lines = ["1000 PING 0", "2000 PING 0", "3000 PING 0", "3300 expire"]
        #expect(Self.timeline(options, inputs, until: 9_000) == lines)
    }

    @Test
    func `a peer's time-to-live closes the connection without PINGs of ours`() {
        #expect(
            Self.timeline(HeartbeatOptions(), [(100, .ping(ttl: 15))], until: 9_000) == [
                "1600 expire"
            ]
        )
    }

    @Test
    func `each PING of the peer starts its time-to-live again`() {
        let inputs: [(at: Int, Input)] = [(0, .ping(ttl: 15)), (1_000, .ping(ttl: 15))]
        #expect(Self.timeline(HeartbeatOptions(), inputs, until: 9_000) == ["2500 expire"])
    }

    @Test
    func `traffic after a PING settles its time-to-live`() {
        let inputs: [(at: Int, Input)] = [(0, .ping(ttl: 5)), (400, .octets)]
        #expect(Self.timeline(HeartbeatOptions(), inputs, until: 9_000) == [])
    }

    @Test
    func `a PING without time-to-live asks for nothing`() {
        let inputs: [(at: Int, Input)] = [(0, .ping(ttl: 5)), (400, .ping(ttl: 0))]
        #expect(Self.timeline(HeartbeatOptions(), inputs, until: 9_000) == [])
    }

    @Test
    func `a PING counts whether its octets are told before or after it`() {
        let now = Instant(nanoseconds: 7)
        var heartbeat = Heartbeat(options: HeartbeatOptions(), at: now)
        heartbeat.handlePing(ttl: 1, at: now)
        heartbeat.handleActivity(at: now)
        #expect(heartbeat.deadline == now + .milliseconds(100))
    }

    @Test
    func `while nothing is read nothing expires, and PINGs go on`() {
        let options = HeartbeatOptions(interval: .seconds(1), timeout: .seconds(2))
        #expect(
            Self.timeline(
                options,
                [(500, .ping(ttl: 5)), (600, .pause), (5_500, .resume)],
                until: 9_000
            ) == [
                "1000 PING 0", "2000 PING 0", "3000 PING 0", "4000 PING 0", "5000 PING 0",
                "6000 PING 0", "7000 PING 0", "8000 expire",
            ]
        )
    }

    @Test
    func `a paused side without PINGs of its own shows that it lives, and once more after`() {
        #expect(
            Self.timeline(
                HeartbeatOptions(),
                [(1_000, .pause), (6_500, .resume), (6_600, .octets)],
                until: 60_000
            ) == ["3000 PING 0", "5000 PING 0", "7000 PING 0"]
        )
    }

    @Test
    func `short pauses one after the other do not put the sign of life off`() {
        let inputs = (1..<20).flatMap { number -> [(at: Int, Input)] in
            [(number * 500, .pause), (number * 500 + 400, .resume)]
        }
        #expect(
            Self.timeline(HeartbeatOptions(), inputs, until: 10_000)
                == ["2500 PING 0", "4500 PING 0", "6500 PING 0", "8500 PING 0"]
        )
    }

    @Test
    func `nothing is due before the deadline`() {
        var heartbeat = Heartbeat(
            options: HeartbeatOptions(interval: .seconds(1)),
            at: Instant(nanoseconds: 0)
        )
        #expect(heartbeat.handleTimeout(at: Instant(nanoseconds: 999_999_999)) == nil)
        #expect(heartbeat.deadline == Instant(nanoseconds: 1_000_000_000))
    }

    static let timesToLive: [(Duration?, UInt16)] = [
        (nil, 0), (.milliseconds(99), 0), (.milliseconds(100), 1), (.milliseconds(2_050), 20),
        (.seconds(6_553), 65_530), (.seconds(10_000), 65_535), (.seconds(-1), 0),
        (.seconds(Int64.max), 65_535),
    ]

    @Test(arguments: timesToLive)
    func `the time-to-live is told in tenths of a second`(_ duration: Duration?, _ tenths: UInt16) {
        #expect(HeartbeatOptions(timeToLive: duration).ttlTenths == tenths)
    }
}
