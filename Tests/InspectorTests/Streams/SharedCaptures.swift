import Captures
import Foundation
import Synchronization
import Testing
@testable import Inspector

/// Captures beside the repository, whose truth at the endpoints is known.
enum SharedCaptures {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "../shared/captures").standardizedFileURL

    private static let skipCount = Mutex(0)

    /// Whether they are there; says so, with the number of skips so far, when they are not.
    static func check() -> Bool {
        if FileManager.default.fileExists(atPath: folder.path) { return true }
        let count = skipCount.withLock { count in
            count += 1
            return count
        }
        print("SKIPPED (\(count) so far): no captures in \(folder.path)")
        return false
    }

    static func report(_ name: String) throws -> InspectionReport {
        let inspection = Inspection()
        let file = try CaptureFile(folder.appending(path: name).path)
        let index = inspection.beginCapture(name)
        while let packet = try file.nextPacket() { inspection.handle(packet, of: index) }
        inspection.update(file.contents, of: index)
        return inspection.finish()
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs the test only where the captures are.
    static var needsSharedCaptures: Self {
        .enabled(if: SharedCaptures.check(), "needs captures in ../shared/captures")
    }
}
