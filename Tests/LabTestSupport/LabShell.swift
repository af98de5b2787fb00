import Foundation

/// Runs the commands that make and unmake networks: a script in `sh`, bounded in time.
enum LabShell {
    struct Failure: Error, CustomStringConvertible {
        var script: String
        var output: String
        var description: String { "the lab's script failed: \(output)\n\(script)" }
    }

    /// Ends at the first command that fails. Gives what the script printed.
    @discardableResult
    static func run(_ script: String) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                continuation.resume(with: Result { try runAndWait(script) })
            }
            thread.start()
        }
    }

    /// The same for where nothing can be awaited.
    @discardableResult
    static func runAndWait(_ script: String) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["\(secondsMax)", "/bin/sh", "-euc", script]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(script: script, output: text) }
        return text
    }

    private static let secondsMax = 60
}
