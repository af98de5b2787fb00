import Foundation
import Testing

/// Tests that build much, and take minutes the first time: for whoever changes what they show.
enum Whole {
    static func check(_ what: String) -> Bool {
        if ProcessInfo.processInfo.environment["XYLEM_WHOLE"] != nil { return true }
        print("SKIPPED, \(what): XYLEM_WHOLE=1 tools/test runs it")
        return false
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs only where everything is built.
    static func whole(_ what: String) -> Self {
        .enabled(if: Whole.check(what), "XYLEM_WHOLE=1 runs it")
    }
}
