import ArgumentParser
import Testing
import Topology

@testable import xylem

/// The options that plan and up share.
@Suite struct PlanningOptionsTests {
    @Test func `words and numbers say how a tree is built`() throws {
        let options = try PlanningOptions.parse([
            "--mode", "auto", "--fan-out", "unlimited", "--objective", "cost", "--delay-bound",
            "1.5",
        ]).options
        #expect(options.mode == .auto && options.fanOut == .unlimited)
        #expect(options.objective == .cost && options.delayBound == .stretch(1.5))
        let numbers = try PlanningOptions.parse(["--fan-out", "3", "--delay-bound", "80ms"]).options
        #expect(numbers.fanOut == .atMost(3) && numbers.delayBound == .milliseconds(80))
        let none = try PlanningOptions.parse([]).options
        #expect(none.mode == nil && none.fanOut == nil && none.delayBound == nil)
    }

    @Test(arguments: [
        ["--fan-out", "0"], ["--fan-out", "-3"], ["--fan-out", "many"], ["--mode", "star"],
        ["--delay-bound", "0.5"], ["--delay-bound", "fast"], ["--objective", "price"],
    ])
    func `what cannot be meant is refused`(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try PlanningOptions.parse(arguments) }
    }
}
