import Rendering
import Dissection
import InspectionReports
import Testing
@testable import Inspector

/// Captures against a plan: who should have what, and where it was lost first.
@Suite struct PlanVerdictTests {
    private let all = Array(0..<200)

    @Test func `one capture of everything proves a tree`() {
        var lab = PlanLab()
        let place = lab.addTap(nil)
        lab.feed(from: "root", to: "relay", at: [place], numbers: all)
        lab.feed(from: "relay", to: "leaf-1", at: [place], numbers: all, delay: 2_000_000)
        lab.feed(from: "relay", to: "leaf-2", at: [place], numbers: all, delay: 2_000_000)
        let verdict = lab.verdict()
        #expect(verdict.outcome == .asPlanned, "\(verdict.reasons)")
        #expect(verdict.messageCount == 200)
        #expect(verdict.receivers.map(\.name) == PlanLab.nodes)
        #expect(verdict.receivers.allSatisfy { $0.deliveredCount == 200 })
        #expect(verdict.receiver("leaf-1").latency.count == 200)
    }

    @Test func `a loss is laid to the hop where it was first`() {
        var lab = PlanLab()
        let place = lab.addTap(nil)
        lab.feed(from: "root", to: "relay", at: [place], numbers: all.filter { $0 != 50 })
        lab.feed(
            from: "relay",
            to: "leaf-1",
            at: [place],
            numbers: all.filter { $0 != 50 && $0 != 60 }
        )
        lab.feed(from: "relay", to: "leaf-2", at: [place], numbers: all.filter { $0 != 50 })
        // What the root got of a publisher.
        var up = Conversation.subscription()
        up.client = SocketAddress(address: IPAddress(v4: 0x0A00_0063), port: 50_000)
        up.server = SocketAddress(address: PlanLab.address(of: "root"), port: 6001)
        for number in all {
            up.nanoseconds = 10_000_000_000 + Int64(number) * 10_000_000
            let topic = number.isMultiple(of: 2) ? "even" : "odd"
            up.say(ZMTPBytes.message("\(topic).\(number)", "body"), isFromClient: true)
        }
        up.feed(lab.table, capture: place)
        let verdict = lab.verdict()
        #expect(verdict.outcome == .notAsPlanned)
        #expect(verdict.receiver("relay").lostCount == 1)
        #expect(verdict.receiver("leaf-1").lostCount == 2)
        #expect(verdict.receiver("leaf-2").lostCount == 1)
        let losses = verdict.receiver("leaf-1").losses
        #expect(Set(losses.map(\.hop)) == ["root → relay", "relay → leaf-1"])
        #expect(verdict.hops.first { $0.to == "relay" }?.lostCount == 1)
        #expect(verdict.hops.first { $0.to == "leaf-1" }?.lostCount == 1)
        #expect(verdict.hops.first { $0.to == "leaf-2" }?.lostCount == 0)
    }

    @Test func `taps at both ends tell whether the relay or the network lost it`() {
        var lab = PlanLab()
        let root = lab.addTap("root")
        let relay = lab.addTap("relay", skew: 2_000_000_000)
        let leaf = lab.addTap("leaf-1", skew: -3_000_000_000)
        lab.feed(from: "root", to: "relay", at: [root, relay], numbers: all)
        lab.feed(from: "relay", to: "leaf-1", at: [relay], numbers: all.filter { $0 != 70 })
        lab.feed(
            from: "relay",
            to: "leaf-1",
            at: [leaf],
            numbers: all.filter { $0 != 70 && $0 != 80 },
            delay: 3_000_000
        )
        lab.feed(from: "relay", to: "leaf-2", at: [relay], numbers: all)
        let verdict = lab.verdict()
        let hop = verdict.hops.first { $0.to == "leaf-1" }
        #expect(hop?.lostCount == 2)
        #expect(hop?.neverSentCount == 1)
        #expect(hop?.lostOnTheWayCount == 1)
        #expect(verdict.receiver("leaf-2").deliveredCount == 200)
        #expect(verdict.receiver("relay").lostCount == 0)
    }

    @Test func `who did not subscribe does not miss it`() {
        var lab = PlanLab()
        let place = lab.addTap(nil)
        lab.feed(from: "root", to: "relay", at: [place], numbers: all)
        lab.feed(from: "relay", to: "leaf-1", at: [place], numbers: all)
        lab.feed(
            from: "relay",
            to: "leaf-2",
            at: [place],
            numbers: all.filter { $0 % 2 == 0 },
            topics: ["even"]
        )
        let verdict = lab.verdict()
        #expect(verdict.outcome == .asPlanned, "\(verdict.reasons)")
        #expect(verdict.receiver("leaf-2").unwantedCount == 100)
        #expect(verdict.receiver("leaf-2").expectedCount == 100)
    }

    @Test func `a node that never connected is missed`() {
        var lab = PlanLab()
        let place = lab.addTap(nil)
        lab.feed(from: "root", to: "relay", at: [place], numbers: all)
        lab.feed(from: "relay", to: "leaf-1", at: [place], numbers: all)
        let verdict = lab.verdict()
        #expect(verdict.outcome == .notAsPlanned)
        #expect(verdict.codes == ["not-connected"])
        #expect(verdict.receiver("leaf-2").isObserved == false)
    }

    @Test func `a backup parent is told, another one is no plan`() {
        var lab = PlanLab()
        var place = lab.addTap(nil)
        lab.feed(from: "root", to: "relay", at: [place], numbers: all)
        lab.feed(from: "root", to: "leaf-1", at: [place], numbers: all)
        lab.feed(from: "relay", to: "leaf-2", at: [place], numbers: all)
        var verdict = lab.verdict()
        #expect(verdict.outcome == .asPlanned, "\(verdict.reasons)")
        #expect(verdict.reasons.contains { $0.code == "backup-parent" })
        lab = PlanLab()
        place = lab.addTap(nil)
        lab.feed(from: "root", to: "relay", at: [place], numbers: all)
        lab.feed(from: "relay", to: "leaf-1", at: [place], numbers: all)
        lab.feed(from: "leaf-1", to: "leaf-2", at: [place], numbers: all)
        verdict = lab.verdict()
        #expect(verdict.codes == ["other-parent"])
    }

    @Test func `what is first published before anybody listens is not lost`() {
        var lab = PlanLab()
        let place = lab.addTap(nil)
        lab.feed(from: "root", to: "relay", at: [place], numbers: all)
        lab.feed(from: "relay", to: "leaf-1", at: [place], numbers: all)
        // leaf-2 subscribes after a quarter.
        lab.feed(from: "relay", to: "leaf-2", at: [place], numbers: Array(50..<200)) {
            for index in $0.segments.indices where $0.segments[index].nanoseconds < 5_000_000_000 {
                $0.segments[index].nanoseconds += 9_400_000_000
            }
        }
        let verdict = lab.verdict()
        #expect(verdict.outcome == .asPlanned, "\(verdict.reasons)")
        #expect(verdict.receiver("leaf-2").beforeJoinCount == 50)
    }

    @Test func `a loss between messages is one however fresh the subscription is`() {
        var lab = PlanLab()
        let place = lab.addTap(nil)
        lab.feed(from: "root", to: "relay", at: [place], numbers: all)
        lab.feed(from: "relay", to: "leaf-1", at: [place], numbers: all)
        // leaf-2 subscribes a moment before the first message.
        lab.feed(from: "relay", to: "leaf-2", at: [place], numbers: all.filter { $0 != 3 }) {
            for index in $0.segments.indices where $0.segments[index].nanoseconds < 5_000_000_000 {
                $0.segments[index].nanoseconds += 8_990_000_000
            }
        }
        let verdict = lab.verdict()
        #expect(verdict.receiver("leaf-2").lostCount == 1)
        #expect(verdict.receiver("leaf-2").losses.map(\.first) == [4])
    }

    @Test func `an island's members are judged by its group`() {
        var lab = PlanLab()
        let bridge = lab.addTap(nil)
        let leaf = lab.addTap("leaf-2", skew: 4_000_000_000)
        lab.feed(from: "root", to: "relay", at: [bridge], numbers: all)
        lab.multicast(at: bridge, numbers: all)
        lab.multicast(at: leaf, numbers: all.filter { $0 != 120 })
        let verdict = lab.verdict(group: "239.192.1.1:7500")
        #expect(verdict.codes == ["lost"], "\(verdict.reasons)")
        #expect(verdict.receiver("leaf-1").deliveredCount == 200)
        #expect(verdict.receiver("leaf-2").lostCount == 1)
        let hop = verdict.hops.first { $0.to == "leaf-2" }
        #expect(hop?.from == "relay" && hop?.transport == "pgm")
        #expect(hop?.lostOnTheWayCount == 1)
    }

    @Test func `a gap of the capture is a doubt and no loss`() {
        var lab = PlanLab()
        let place = lab.addTap(nil)
        lab.feed(from: "root", to: "relay", at: [place], numbers: all)
        lab.feed(from: "relay", to: "leaf-1", at: [place], numbers: all) { conversation in
            let victim = conversation.segments.count - 50
            conversation.segments.remove(at: victim)
            for _ in 0..<6 { conversation.acknowledge(isFromClient: true) }
        }
        lab.feed(from: "relay", to: "leaf-2", at: [place], numbers: all)
        let verdict = lab.verdict()
        #expect(verdict.outcome == .undecided, "\(verdict.reasons)")
        #expect(verdict.codes == ["uncertain"])
        #expect(verdict.receiver("leaf-1").lostCount == 0)
    }

    @Test func `a strange subscriber of a relay is judged too`() {
        var lab = PlanLab()
        let place = lab.addTap(nil)
        lab.feed(from: "root", to: "relay", at: [place], numbers: all)
        lab.feed(from: "relay", to: "leaf-1", at: [place], numbers: all)
        lab.feed(from: "relay", to: "leaf-2", at: [place], numbers: all)
        lab.feed(
            from: "relay",
            to: "stranger",
            at: [place],
            numbers: all.filter { $0 != 90 },
            isNamed: false
        )
        let verdict = lab.verdict()
        #expect(verdict.outcome == .notAsPlanned)
        #expect(verdict.receiver("10.0.0.201:41000").lostCount == 1)
        #expect(verdict.receiver("10.0.0.201:41000").parent == "relay")
    }

    @Test func `the root's order is kept, or it is said`() {
        var lab = PlanLab()
        let place = lab.addTap(nil)
        lab.feed(from: "root", to: "relay", at: [place], numbers: all)
        lab.feed(from: "relay", to: "leaf-1", at: [place], numbers: all)
        var swapped = all
        swapped.swapAt(100, 101)
        lab.feed(from: "relay", to: "leaf-2", at: [place], numbers: swapped) { conversation in
            var time: Int64 = 0
            for index in conversation.segments.indices {
                time = max(time + 1, conversation.segments[index].nanoseconds)
                conversation.segments[index].nanoseconds = time
            }
        }
        let verdict = lab.verdict()
        #expect(verdict.codes == ["reordered"])
        #expect(verdict.receiver("leaf-2").reorderedCount == 1)
    }

    @Test func `the text names the loss and its hop`() {
        var lab = PlanLab()
        let place = lab.addTap(nil)
        lab.feed(from: "root", to: "relay", at: [place], numbers: all)
        lab.feed(from: "relay", to: "leaf-1", at: [place], numbers: all)
        lab.feed(
            from: "relay",
            to: "leaf-2",
            at: [place],
            numbers: all.filter { !(90..<103).contains($0) }
        )
        let verdict = lab.verdict()
        let text = VerdictText.lines(verdict).joined(separator: "\n")
        #expect(text.hasPrefix("VERDICT: NOT AS PLANNED\n"))
        #expect(
            text.contains(
                "13 of 200 messages never reached leaf-2; first missing at relay → leaf-2"
            )
        )
        #expect(text.contains("leaf-2  91–103"))
        let json = VerdictJSON.value(of: verdict).compact
        #expect(json.contains("\"outcome\": \"not-as-planned\""))
    }
}
