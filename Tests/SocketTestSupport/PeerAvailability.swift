import Foundation
import Synchronization
package import Testing

/// Whether libzmq peers can run here: Debian's Python with pyzmq.
///
/// An absent peer is a loud, counted skip, never a silent pass.
package enum PeerAvailability {
    package static let interpreter = "/usr/bin/python3"

    /// The version of libzmq that the peers run, `nil` when they cannot.
    package static let version: String? = {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: interpreter)
        process.arguments = ["-c", "import zmq; print(zmq.zmq_version())"]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return nil }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }()

    private static let skipCount = Mutex(0)

    /// Whether peers can run; says so, with the number of skips so far, when they cannot.
    package static func check() -> Bool {
        if version != nil { return true }
        let count = skipCount.withLock { count in
            count += 1
            return count
        }
        print("SKIPPED (\(count) so far): no libzmq peer; install python3-zmq (tools/setup --test)")
        return false
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs the test only where a libzmq peer can run.
    package static var needsPeer: Self {
        .enabled(if: PeerAvailability.check(), "needs \(PeerAvailability.interpreter) with pyzmq")
    }
}
