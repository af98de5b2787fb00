import Foundation

/// A finished child process: its exit status and all it wrote.
struct Command {
    var status: Int32
    /// Standard output and standard error, interleaved.
    var output: String

    /// Runs a program found on the PATH and waits for its end.
    static func run(_ arguments: String...) throws -> Command {
        try run(arguments)
    }

    /// Runs a program found on the PATH, the first of `arguments`, and waits for its end.
    static func run(_ arguments: [String]) throws -> Command {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Command(
            status: process.terminationStatus,
            output: String(decoding: data, as: UTF8.self)
        )
    }
}
