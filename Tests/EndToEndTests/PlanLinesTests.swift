import RouterNode
import Testing

@testable import xylem

/// What `xylem status` says below its table.
@Suite struct PlanLinesTests {
    private static func lines(_ plans: NodeStatus.Plan?...) -> [String] {
        FleetTable.planLines(plans.enumerated().map { ("n\($0)", $1) })
    }

    private static let a = NodeStatus.Plan(id: "aaaaaaaaaaaaaaaaaaaa", epoch: 1)
    private static let b = NodeStatus.Plan(id: "bbbbbbbbbbbbbbbbbbbb", epoch: 2)

    @Test func `one plan is one line, and no plan is none`() {
        #expect(Self.lines(Self.a, Self.a) == ["plan aaaaaaaaaaaa (epoch 1)"])
        #expect(Self.lines(nil, nil).isEmpty)
    }

    @Test func `two plans are told with who follows which`() {
        #expect(
            Self.lines(Self.a, Self.b, Self.a) == [
                "nodes follow different plans, and do not connect across them:",
                "  plan aaaaaaaaaaaa (epoch 1): n0, n2", "  plan bbbbbbbbbbbb (epoch 2): n1",
            ]
        )
    }

    @Test func `who was started by hand is named`() {
        #expect(
            Self.lines(Self.a, nil) == [
                "plan aaaaaaaaaaaa (epoch 1): n0", "no plan (started by hand): n1",
            ]
        )
    }
}
